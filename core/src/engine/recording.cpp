#include "engine/recording.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/attention/attention_kernels.h"
#include "model/products.h"
#include "parallel/parallel_for.h"

namespace pressroom {
namespace {

// Rows of one product of the output head: enough to run at full speed, few enough that the logits
// stay small beside the weights.
constexpr std::int64_t kLogitRows = 128;

}  // namespace

TargetScore score_target(const float* logits, std::int64_t vocabulary, std::int64_t target) {
  constexpr std::int64_t kStretch = 1024;
  const float largest = largest_of(logits, vocabulary);
  double sum = 0;
  for (std::int64_t begin = 0; begin < vocabulary; begin += kStretch) {
    sum += sum_of_exp(logits + begin, std::min(kStretch, vocabulary - begin), largest);
  }
  const double logit = logits[target];
  return {std::log(sum) + static_cast<double>(largest) - logit, logits[target] >= largest};
}

bool DocumentScorer::reads(std::int64_t position) const {
  return position + 1 >= schedule_.first_target || position + 1 == tokens();
}

void DocumentScorer::add(std::int64_t target, const TargetScore& score) {
  run_.targets.push_back(target);
  run_.nll_nats.push_back(score.nll_nats);
  run_.is_top1.push_back(score.is_top1);
}

void DocumentScorer::add_token(const float* logits, std::int64_t vocabulary,
                               std::int64_t position) {
  const std::int64_t target = position + 1;
  if (target == tokens()) {
    run_.last_logits.assign(logits, logits + vocabulary);
  } else if (target >= schedule_.first_target) {
    add(target, score_target(logits, vocabulary, document_.ids[target]));
  }
}

void DocumentScorer::add_block(const at::Tensor& hidden, std::int64_t first, std::int64_t count) {
  for (std::int64_t row = 0; row < count; row += kLogitRows) {
    const std::int64_t rows = std::min(kLogitRows, hidden.size(0) - row);
    const std::int64_t used = std::min(rows, count - row);
    if (!reads(first + row + used - 1)) continue;
    const at::Tensor logits = model_.logits(hidden.narrow(0, row, rows)).to(at::kCPU).contiguous();
    const std::int64_t vocabulary = logits.size(1);
    const float* data = logits.data_ptr<float>();
    std::vector<TargetScore> scores(static_cast<std::size_t>(used));
    const auto is_scored = [&](std::int64_t target) {
      return target >= schedule_.first_target && target < tokens();
    };
    parallel_for(used, product_thread_count(), [&](std::int64_t i) {
      const std::int64_t target = first + row + i + 1;
      if (!is_scored(target)) return;
      scores[i] = score_target(data + i * vocabulary, vocabulary, document_.ids[target]);
    });
    for (std::int64_t i = 0; i < used; ++i) {
      const std::int64_t target = first + row + i + 1;
      if (is_scored(target)) add(target, scores[i]);
      if (target != tokens()) continue;
      run_.last_logits.assign(data + i * vocabulary, data + (i + 1) * vocabulary);
    }
  }
}

void record_sizes(const Schedule& schedule, DocumentRun& run) {
  for (const FeedStep& step : schedule.steps) run.tokens_per_step.push_back(step.end - step.begin);
  run.entries_per_step.assign(schedule.steps.size(), 0);
  for (const auto& layer : run.evictions) {
    auto& kept = run.kept.emplace_back();
    for (const EvictionLog& head : layer) {
      kept.push_back(head.kept());
      const std::vector<std::int64_t> sizes = head.sizes(schedule);
      for (std::size_t step = 0; step < sizes.size(); ++step) {
        run.entries_per_step[step] += sizes[step];
        run.peak_entries_per_head = std::max(run.peak_entries_per_head, sizes[step]);
      }
    }
  }
}

}  // namespace pressroom
