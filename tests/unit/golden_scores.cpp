#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <numeric>

#include "fake_layer_view.h"
#include "pressroom/vocabulary.h"
#include "stream_test_support.h"
#include "test_folders.h"

namespace pressroom {
namespace {

// A policy that has been told of all tokens, and the layer it decides about.
struct Event {
  EvictionPlan plan;
  std::unique_ptr<Policy> policy;
  std::unique_ptr<FakeLayer> layer;
};

Event event_of(const Method& method, std::int64_t budget_tokens, std::int64_t tokens) {
  Event event;
  event.plan = method.plan(budget_tokens);
  event.policy = method.make_policy(golden_context(budget_tokens, tokens));
  at::Tensor birth_scores;
  if (event.plan.ranking == Ranking::kBirthScore || event.plan.birth_scores) {
    birth_scores = event.policy->birth_scores(FakeEntries(event.plan, 0, tokens));
  }
  event.layer = std::make_unique<FakeLayer>(event.plan, tokens, birth_scores);
  return event;
}

std::vector<at::Tensor> ranks(const Event& event) {
  if (event.plan.ranking == Ranking::kScore && event.plan.couples_heads) {
    return event.policy->score_layer(*event.layer);
  }
  std::vector<at::Tensor> scores;
  for (std::int64_t i = 0; i < event.layer->kv_heads(); ++i) {
    const HeadView& head = event.layer->head(i);
    switch (event.plan.ranking) {
      case Ranking::kBirthScore:
        scores.push_back(head.birth_scores());
        break;
      case Ranking::kSignal:
        scores.push_back(head.signal());
        break;
      default:
        scores.push_back(event.policy->score(head));
    }
  }
  return scores;
}

template <typename Row>
std::vector<Row> for_each_head(std::vector<Row> rows) {
  const auto heads = static_cast<std::size_t>(golden_model().kv_heads);
  while (!rows.empty() && rows.size() < heads) rows.push_back(rows.front());
  return rows;
}

}  // namespace

nlohmann::json golden(const std::string& name) {
  std::ifstream file(test_dir() / "goldens/kvpress_scores.json");
  return nlohmann::json::parse(file).at(name);
}

std::unique_ptr<Method> golden_method(const std::string& name,
                                      const std::map<std::string, ParameterValue>& given) {
  std::unique_ptr<Method> method = plugin_method(name, given);
  const ModelFacts model = golden_model();
  method->bind({model, "", nullptr});
  return method;
}

ScoreRows golden_scores(const Method& method, std::int64_t budget_tokens, std::int64_t tokens,
                        bool padded) {
  const Event event = event_of(method, budget_tokens, tokens);
  ScoreRows rows;
  double largest = -INFINITY;
  for (const at::Tensor& score : ranks(event)) {
    const at::Tensor row = score.to(at::kDouble).contiguous();
    rows.emplace_back(row.data_ptr<double>(), row.data_ptr<double>() + row.numel());
  }
  const auto is_safe = [&](std::int64_t i) {
    return padded && (i < event.plan.sinks || i >= tokens - event.plan.recents);
  };
  for (const std::vector<double>& row : rows) {
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(row.size()); ++i) {
      if (!is_safe(i)) largest = std::max(largest, row[i]);
    }
  }
  for (std::vector<double>& row : rows) {
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(row.size()); ++i) {
      if (is_safe(i)) row[i] = largest + 1;
    }
  }
  return for_each_head(rows);
}

KeptRows golden_kept(const Method& method, std::int64_t budget_tokens, std::int64_t tokens) {
  KeptRows kept;
  const Event event = event_of(method, budget_tokens, tokens);
  if (event.plan.ranking == Ranking::kKeep) {
    std::vector<at::Tensor> stay;
    if (event.plan.couples_heads) stay = event.policy->keep_layer(*event.layer);
    for (std::int64_t i = 0; i < event.layer->kv_heads() && !event.plan.couples_heads; ++i) {
      stay.push_back(event.policy->keep(event.layer->head(i)));
    }
    for (const at::Tensor& indices : stay) {
      const at::Tensor row = indices.contiguous();
      kept.emplace_back(row.data_ptr<std::int64_t>(), row.data_ptr<std::int64_t>() + row.numel());
    }
    return for_each_head(kept);
  }
  for (const std::vector<double>& scores : golden_scores(method, budget_tokens, tokens)) {
    std::vector<std::int64_t> order(scores.size());
    std::iota(order.rbegin(), order.rend(), 0);  // newest first, which wins ties
    std::stable_sort(order.begin(), order.end(),
                     [&](std::int64_t a, std::int64_t b) { return scores[a] > scores[b]; });
    order.resize(std::min<std::size_t>(order.size(), budget_tokens));
    std::sort(order.begin(), order.end());
    kept.push_back(order);
  }
  return kept;
}

double distance(const ScoreRows& scores, const nlohmann::json& expected) {
  const auto rows = expected.get<ScoreRows>();
  if (rows.size() != scores.size()) return INFINITY;
  double largest = 0;
  double difference = 0;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (rows[r].size() != scores[r].size()) return INFINITY;
    for (std::size_t i = 0; i < rows[r].size(); ++i) {
      if (std::isnan(scores[r][i])) return INFINITY;
      largest = std::max(largest, std::abs(rows[r][i]));
      difference = std::max(difference, std::abs(rows[r][i] - scores[r][i]));
    }
  }
  return difference / largest;
}

}  // namespace pressroom
