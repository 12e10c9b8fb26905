#include "campaign/cell_measurements.h"

#include <algorithm>
#include <numeric>

#include "base/sha256.h"

namespace pressroom {
namespace {

// Right is an answer of which every token was the most likely one: what greedy decoding gives.
bool is_right(const AnswerTargets& answer, const std::vector<bool>& is_top1) {
  const auto begin = is_top1.begin();
  return std::all_of(begin + answer.begin, begin + answer.end, [](bool hit) { return hit; });
}

void count_answers(const Window& window, const DocumentRun& run, DocumentResult& result) {
  for (const AnswerTargets& answer : answer_targets(window, run.targets)) {
    ++result.answers;
    if (is_right(answer, run.is_top1)) ++result.right_answers;
  }
}

// What methods compress of a run that was fed `tokens`: of questions their context.
std::int64_t compressed_tokens(const DocumentRun& run, std::size_t tokens) {
  return run.context_tokens > 0 ? run.context_tokens : static_cast<std::int64_t>(tokens);
}

// How many of them are held at the end in one head.
std::int64_t kept_of(const DocumentRun& run, std::size_t layer, std::size_t head) {
  if (run.context_tokens > 0) return run.context_kept[layer][head];
  return static_cast<std::int64_t>(run.kept[layer][head].size());
}

constexpr std::size_t kMaxPoints = 64;

double heads_of(const DocumentRun& run) {
  std::size_t heads = 0;
  for (const auto& layer : run.kept) heads += layer.size();
  return static_cast<double>(heads);
}

void add_sizes(const std::vector<DocumentRun>& runs, const DocumentRun& longest,
               CacheSizeCurve& curve) {
  const std::size_t steps = longest.entries_per_step.size();
  const std::size_t points = std::min(kMaxPoints, steps);
  std::vector<std::int64_t> fed(steps);
  std::partial_sum(longest.tokens_per_step.begin(), longest.tokens_per_step.end(), fed.begin());
  for (std::size_t point = 0; point < points; ++point) {
    const std::size_t step = points == 1 ? 0 : point * (steps - 1) / (points - 1);
    double sum = 0;
    double counted = 0;
    for (const DocumentRun& run : runs) {
      if (step >= run.entries_per_step.size()) continue;
      sum += static_cast<double>(run.entries_per_step[step]) / heads_of(run);
      ++counted;
    }
    curve.tokens_fed.push_back(fed[step]);
    curve.entries_per_head.push_back(sum / counted);
  }
}

void add_kept(const std::vector<DocumentRun>& runs, CacheSizeCurve& curve) {
  for (const auto& layer : runs.front().kept) curve.kept.emplace_back(layer.size(), 0.0);
  for (const DocumentRun& run : runs) {
    const auto seen = static_cast<double>(compressed_tokens(
        run,
        std::accumulate(run.tokens_per_step.begin(), run.tokens_per_step.end(), std::size_t{0})));
    for (std::size_t layer = 0; layer < run.kept.size(); ++layer) {
      for (std::size_t head = 0; head < run.kept[layer].size(); ++head) {
        curve.kept[layer][head] += static_cast<double>(kept_of(run, layer, head)) /
                                   (seen * static_cast<double>(runs.size()));
      }
    }
  }
}

}  // namespace

std::vector<AnswerTargets> answer_targets(const Window& window,
                                          const std::vector<std::int64_t>& targets) {
  const auto index_of = [&](std::int64_t token) {
    return std::lower_bound(targets.begin(), targets.end(), token) - targets.begin();
  };
  std::vector<AnswerTargets> answers;
  for (const TokenRange& range : window.answers) {
    answers.push_back({index_of(range.begin), index_of(range.end)});
  }
  return answers;
}

DocumentResult document_result(const Window& window, const DocumentRun& run) {
  DocumentResult result;
  result.id = window.tokens.id;
  result.ids_sha256 = window.ids_sha256;
  result.provenance = window.provenance;
  result.targets = run.targets;
  result.sum_nll_nats = std::accumulate(run.nll_nats.begin(), run.nll_nats.end(), 0.0);
  result.kept_sha256 = kept_sha256(run.kept);
  count_answers(window, run, result);
  return result;
}

std::vector<AnswerText> answer_texts(const Window& window, const DocumentMeasurements& measured) {
  std::vector<AnswerText> texts;
  for (std::size_t i = 0; i < window.asked.size(); ++i) {
    const AskedAnswer& asked = window.asked[i];
    AnswerText& text = texts.emplace_back();
    text.id = asked.id;
    text.question = asked.question;
    text.expected = asked.expected;
    text.references = asked.references;
    text.options = asked.options;
    text.is_exact = is_right(measured.answers[i], measured.is_top1);
  }
  return texts;
}

EntryLifetimes lifetimes_of(const Window& window, const DocumentRun& run) {
  EntryLifetimes lifetimes;
  lifetimes.spans = window.tokens.spans;
  // When an entry had left the last of several caches says nothing of any one question.
  if (!run.is_one_cache) return lifetimes;
  for (const auto& layer : run.evictions) {
    auto& heads = lifetimes.last_seen_by.emplace_back();
    for (const EvictionLog& head : layer) heads.push_back(head.evicted_after);
  }
  return lifetimes;
}

DocumentMeasurements measurements_of(const Window& window, const DocumentRun& run,
                                     const ModelFacts& model) {
  DocumentMeasurements measured;
  measured.document_id = window.tokens.id;
  measured.targets = run.targets;
  measured.nll_nats = run.nll_nats;
  measured.is_top1 = run.is_top1;
  measured.distributions = run.distributions;
  measured.answers = answer_targets(window, run.targets);
  // Known of all tokens but the first, and of nothing less.
  const bool all_scored = run.targets.size() + 1 == window.tokens.ids.size();
  measured.scored_bytes = all_scored ? window.scored_bytes : 0;
  measured.scored_words = all_scored ? window.scored_words : 0;
  measured.entries_per_step = run.entries_per_step;
  measured.entries_seen =
      compressed_tokens(run, window.tokens.ids.size()) * model.layers * model.kv_heads;
  if (run.evictions.empty()) {  // windows: the last one is what is held, and nothing left it
    measured.entries_seen = run.entries_per_step.back();
  }
  measured.peak_entries_per_head = run.peak_entries_per_head;
  for (std::size_t layer = 0; layer < run.kept.size(); ++layer) {
    auto& heads = measured.kept_per_head.emplace_back();
    for (std::size_t head = 0; head < run.kept[layer].size(); ++head) {
      heads.push_back(kept_of(run, layer, head));
    }
  }
  measured.bytes_per_entry = run.bytes_per_entry;
  measured.peak_kv_bytes = run.bytes_per_entry * *std::max_element(run.entries_per_step.begin(),
                                                                   run.entries_per_step.end());
  measured.step_seconds = run.step_seconds;
  return measured;
}

std::string kept_sha256(const std::vector<std::vector<std::vector<std::int64_t>>>& kept) {
  std::string text;
  for (const auto& layer : kept) {
    for (const auto& head : layer) {
      for (const std::int64_t position : head) text += std::to_string(position) + ",";
      text += ";";
    }
    text += "\n";
  }
  return sha256_hex(text);
}

CacheSizeCurve size_curve_of(const std::vector<DocumentRun>& runs) {
  CacheSizeCurve curve;
  if (runs.empty() || runs.front().evictions.empty()) return curve;
  const auto longest =
      std::max_element(runs.begin(), runs.end(), [](const DocumentRun& a, const DocumentRun& b) {
        return a.entries_per_step.size() < b.entries_per_step.size();
      });
  add_sizes(runs, *longest, curve);
  add_kept(runs, curve);
  return curve;
}

}  // namespace pressroom
