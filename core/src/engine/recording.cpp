#include "engine/recording.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <vector>

#include "model/products.h"
#include "parallel/parallel_for.h"

namespace pressroom {
namespace {

// Rows of one product of the output head: enough to run at full speed, few enough that the logits
// stay small beside the weights.
constexpr std::int64_t kLogitRows = 128;

}  // namespace

bool DocumentScorer::reads(std::int64_t position) const {
  return position + 1 >= schedule_.first_target || position + 1 == tokens();
}

DocumentScorer::Scored DocumentScorer::scored(const float* logits, std::int64_t vocabulary,
                                              std::int64_t target) const {
  const std::int64_t id = document_.ids[target];
  Scored scored;
  scored.score = score_target(logits, vocabulary, id);
  if (keeps_distributions_) {
    scored.distribution = distribution_of(logits, vocabulary, id, scored.score);
  }
  return scored;
}

void DocumentScorer::add(const Scored& scored, const float* logits, std::int64_t vocabulary,
                         std::int64_t target) {
  run_.targets.push_back(target);
  run_.nll_nats.push_back(scored.score.nll_nats);
  run_.is_top1.push_back(scored.score.is_top1);
  if (keeps_distributions_) run_.distributions.push_back(scored.distribution);
  const std::vector<std::int64_t>& wanted = document_.wanted_logits;
  if (std::binary_search(wanted.begin(), wanted.end(), target)) {
    run_.wanted_logits.emplace_back(logits, logits + vocabulary);
  }
}

void DocumentScorer::add_token(const float* logits, std::int64_t vocabulary,
                               std::int64_t position) {
  const std::int64_t target = position + 1;
  if (target == tokens()) {
    run_.last_logits.assign(logits, logits + vocabulary);
  } else if (is_scored(target)) {
    add(scored(logits, vocabulary, target), logits, vocabulary, target);
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
    std::vector<Scored> all(static_cast<std::size_t>(used));
    parallel_for(used, product_thread_count(), [&](std::int64_t i) {
      const std::int64_t target = first + row + i + 1;
      if (is_scored(target)) all[i] = scored(data + i * vocabulary, vocabulary, target);
    });
    for (std::int64_t i = 0; i < used; ++i) {
      const std::int64_t target = first + row + i + 1;
      const float* of_target = data + i * vocabulary;
      if (is_scored(target)) add(all[i], of_target, vocabulary, target);
      if (target == tokens()) run_.last_logits.assign(of_target, of_target + vocabulary);
    }
  }
}

void record_sizes(const Schedule& schedule, const ServerConstraints& server, DocumentRun& run) {
  for (const FeedStep& step : schedule.steps) run.tokens_per_step.push_back(step.end - step.begin);
  run.entries_per_step.assign(schedule.steps.size(), 0);
  for (const auto& layer : run.evictions) {
    auto& kept = run.kept.emplace_back();
    for (const EvictionLog& head : layer) {
      kept.push_back(head.kept());
      const std::vector<std::int64_t> sizes =
          server.append_only ? head.sizes_in_pages(schedule, server.page_tokens())
                             : head.sizes(schedule);
      for (std::size_t step = 0; step < sizes.size(); ++step) {
        run.entries_per_step[step] += sizes[step];
        run.peak_entries_per_head = std::max(run.peak_entries_per_head, sizes[step]);
      }
    }
  }
}

}  // namespace pressroom
