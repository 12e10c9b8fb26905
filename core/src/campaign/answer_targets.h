// The answers of a document of a task, among what was scored.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "campaign/sampling.h"
#include "engine/run.h"
#include "pressroom/metric.h"
#include "results/cell.h"

namespace pressroom {

// The answers of a window, which are ranges of tokens, as ranges of scored targets.
inline std::vector<AnswerTargets> answer_targets(const Window& window,
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

// Right is an answer of which every token was the most likely one: what greedy decoding gives.
inline void count_answers(const Window& window, const DocumentRun& run, DocumentResult& result) {
  for (const AnswerTargets& answer : answer_targets(window, run.targets)) {
    const auto begin = run.is_top1.begin();
    ++result.answers;
    if (std::all_of(begin + answer.begin, begin + answer.end, [](bool hit) { return hit; })) {
      ++result.right_answers;
    }
  }
}

}  // namespace pressroom
