// What the tests of wrappers share: a method whose scores a test writes down by position, and the
// part of the engine that matters to a wrapper: tokens enter, an event, what is not kept leaves.
#pragma once

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pressroom/error.h"
#include "pressroom/selection.h"
#include "stream_test_support.h"

namespace pressroom {

using Rows = std::vector<std::vector<std::int64_t>>;
using Table = std::vector<std::vector<float>>;  // [G][position]

// A head that holds `held` positions; whatever it is ranked by is in `scores`, by position.
struct ScriptedHead final : HeadView {
  std::int64_t index = 0;
  std::vector<std::int64_t> held;
  std::vector<float> scores;

  at::Tensor looked_up() const {
    at::Tensor out = at::empty({size()}, at::kFloat);
    for (std::int64_t j = 0; j < size(); ++j) {
      out.data_ptr<float>()[j] = scores.at(static_cast<std::size_t>(held[j]));
    }
    return out;
  }
  std::int64_t kv_head() const override { return index; }
  std::int64_t size() const override { return static_cast<std::int64_t>(held.size()); }
  std::int64_t next_position() const override { return held.back() + 1; }
  at::Tensor tensor(Quantity quantity) const override {
    switch (quantity) {
      case Quantity::kPositions:
      case Quantity::kTokenIds:
        return to_tensor(held);
      case Quantity::kSignal:
      case Quantity::kBirthScores:
        return looked_up();
      case Quantity::kValues:
        return at::stack({looked_up(), looked_up()}, 1);
      case Quantity::kKeys:
      case Quantity::kKeysBeforeRope:
      case Quantity::kAttentionInputs:
        return at::zeros({size(), 2});
      case Quantity::kQueries:
      case Quantity::kQueriesBeforeRope:
        return at::zeros({1, 1, 2});
      case Quantity::kMeanQuery:
        return at::zeros({1, 2});
      case Quantity::kQueryCovariance:
        return at::zeros({1, 2, 2});
      case Quantity::kOutputProjection:
        return at::eye(2);
    }
    return {};
  }
};

struct ScriptedLayer final : LayerView {
  std::vector<ScriptedHead> heads;
  std::int64_t fed = 0;

  std::int64_t layer() const override { return 0; }
  std::int64_t kv_heads() const override { return static_cast<std::int64_t>(heads.size()); }
  const HeadView& head(std::int64_t i) const override {
    return heads.at(static_cast<std::size_t>(i));
  }
  std::int64_t tokens_fed() const override { return fed; }
};

// Ranks by what the view's table says, whichever way its plan names.
struct ScriptedMethod final : Method {
  EvictionPlan eviction_plan;

  explicit ScriptedMethod(Ranking ranking = Ranking::kScore) { eviction_plan.ranking = ranking; }
  PluginInfo describe() const override { return {"scripted", "", {}}; }
  EvictionPlan plan(std::int64_t) const override { return eviction_plan; }
  std::unique_ptr<Policy> make_policy(const PolicyContext&) const override {
    struct ScriptedPolicy final : Policy {
      at::Tensor score(const HeadView& head) override { return head.signal(); }
      std::vector<at::Tensor> score_layer(const LayerView& layer) override {
        std::vector<at::Tensor> scores;
        for (std::int64_t h = 0; h < layer.kv_heads(); ++h) {
          scores.push_back(layer.head(h).signal());
        }
        return scores;
      }
      at::Tensor keep(const HeadView& head) override { return at::arange(head.size(), at::kLong); }
      at::Tensor zeroed_channels(const HeadView& head) override {
        return at::full({1}, head.kv_head(), at::kLong);
      }
    };
    return std::make_unique<ScriptedPolicy>();
  }
};

inline std::shared_ptr<ScriptedMethod> scripted(Ranking ranking = Ranking::kScore,
                                                std::int64_t sinks = 0, std::int64_t recents = 0) {
  auto method = std::make_shared<ScriptedMethod>(ranking);
  method->eviction_plan.sinks = sinks;
  method->eviction_plan.recents = recents;
  if (ranking == Ranking::kSignal) method->eviction_plan.signal = Signal::kCumulativeAttention;
  return method;
}

using Given = std::map<std::string, ParameterValue>;

// The wrapper `name` around `inner`.
inline std::unique_ptr<Method> wrapped(const std::string& name, InnerMethod inner,
                                       Given given = {}) {
  given["inner"] = std::move(inner);
  return plugin_method(name, given);
}

// One layer under a wrapper that ranks by Ranking::kKeep.
class Events {
 public:
  Events(const Method& method, Table scores, std::int64_t budget_tokens,
         std::int64_t context_tokens, std::int64_t layer = 0, std::int64_t layers = 4,
         std::vector<SpanTokens> spans = {})
      : plan_(method.plan(budget_tokens)) {
    PolicyContext context;
    context.model.layers = layers;
    context.model.kv_heads = static_cast<std::int64_t>(scores.size());
    context.layer = layer;
    context.budget_tokens = budget_tokens;
    context.context_tokens = context_tokens;
    context.spans = std::move(spans);
    policy_ = method.make_policy(context);
    for (std::size_t h = 0; h < scores.size(); ++h) {
      layer_.heads.emplace_back();
      layer_.heads.back().index = static_cast<std::int64_t>(h);
      layer_.heads.back().scores = scores[h];
    }
  }

  // Positions held by each head after `tokens` more came in one block and an event followed.
  Rows feed(std::int64_t tokens) {
    for (ScriptedHead& head : layer_.heads) {
      for (std::int64_t i = 0; i < tokens; ++i) head.held.push_back(seen_ + i);
    }
    seen_ += tokens;
    layer_.fed = tokens;
    std::vector<at::Tensor> kept;
    if (plan_.couples_heads) kept = policy_->keep_layer(layer_);
    for (std::size_t h = 0; h < layer_.heads.size() && !plan_.couples_heads; ++h) {
      kept.push_back(policy_->keep(layer_.heads[h]));
    }
    Rows rows;
    for (std::size_t h = 0; h < kept.size(); ++h) rows.push_back(apply(layer_.heads[h], kept[h]));
    return rows;
  }

 private:
  std::vector<std::int64_t> apply(ScriptedHead& head, const at::Tensor& kept) const {
    std::vector<std::int64_t> stay;
    for (std::int64_t i = 0; i < kept.numel(); ++i) {
      const std::int64_t index = kept.data_ptr<std::int64_t>()[i];
      EXPECT_GE(index, 0);
      EXPECT_LT(index, head.size());
      if (index < 0 || index >= head.size()) return {};
      stay.push_back(head.held[static_cast<std::size_t>(index)]);
      if (stay.size() > 1) {
        EXPECT_LT(stay[stay.size() - 2], stay.back());
      }
    }
    const IndexRange free = evictable(head, plan_.sinks, plan_.recents);
    const auto is_kept = [&](std::int64_t position) {
      return std::find(stay.begin(), stay.end(), position) != stay.end();
    };
    for (std::int64_t j = 0; j < head.size(); ++j) {
      const bool is_free = j >= free.begin && j < free.end;
      EXPECT_TRUE(is_free || is_kept(head.held[j])) << "a protected entry left";
    }
    head.held = stay;
    return stay;
  }

  EvictionPlan plan_;
  std::unique_ptr<Policy> policy_;
  ScriptedLayer layer_;
  std::int64_t seen_ = 0;
};

}  // namespace pressroom
