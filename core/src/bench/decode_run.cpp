#include "bench/decode_run.h"

#include <algorithm>
#include <numeric>

#include "base/process_memory.h"
#include "bench/decoded_together.h"
#include "plugin/boundary.h"
#include "pressroom/error.h"
#include "protocol/protocol.h"

namespace pressroom {
namespace {

// Puts stretches together out of tokens.
class StretchWriter {
 public:
  StretchWriter(std::int64_t every, std::vector<DecodeStretch>& stretches)
      : every_(every), stretches_(stretches) {}

  // A token was measured, `count` with it; `is_last` of all.
  void add(std::int64_t count, double seconds, const SequenceSizes& held, bool is_last) {
    if (every_ == 0) return;
    seconds_ += seconds;
    ++tokens_;
    if (tokens_ < every_ && !is_last) return;
    stretches_.push_back({count, seconds_ / static_cast<double>(tokens_), held, resident_bytes()});
    seconds_ = 0;
    tokens_ = 0;
  }

 private:
  std::int64_t every_;
  std::vector<DecodeStretch>& stretches_;
  double seconds_ = 0;
  std::int64_t tokens_ = 0;
};

}  // namespace

double DecodeRepeat::seconds_per_token() const {
  return std::accumulate(step_seconds.begin(), step_seconds.end(), 0.0) /
         static_cast<double>(step_seconds.size());
}

void check_held_to_budget(const EvictionPlan& plan, std::int64_t budget_tokens,
                          std::optional<std::int64_t> fed_since_event, const SequenceSizes& held,
                          std::int64_t heads, const std::string& run) {
  if (!is_held_to_budget(plan) || !fed_since_event) return;
  const std::int64_t allowed = budget_tokens + *fed_since_event;
  // Heads that share out a budget may have more than theirs, but not all together.
  const bool is_even = plan.scope == BudgetScope::kHead;
  if (held.entries <= allowed * heads && (!is_even || held.most_entries <= allowed)) return;
  throw Error(
      {"a cache holds more than its budget", run,
       "at most " + std::to_string(allowed) + " entries in each of " + std::to_string(heads) +
           " KV heads",
       std::to_string(held.entries) + " in all, " + std::to_string(held.most_entries) + " in one",
       "times of such a run say nothing about the budget"});
}

DecodeRepeat decode_once(const Model& model, const Method& method, const RunTerms& terms,
                         const DecodeShape& shape, const std::vector<TokenDocument>& documents,
                         const RunControl& control) {
  PRESSROOM_ASSERT(static_cast<std::int64_t>(documents.size()) == shape.sequences);
  ProcessGuard process;  // of a policy's calls
  DecodeRepeat repeat;
  repeat.step_seconds.reserve(static_cast<std::size_t>(shape.tokens));
  DecodedTogether together(model, method, terms, shape, documents);
  repeat.prefill_seconds = together.prefill();
  StretchWriter stretches(shape.every, repeat.stretches);
  SequenceSizes held = together.held();
  std::int64_t most_entries = 0;
  double bytes = 0;
  for (std::int64_t i = -shape.warmup; i < shape.tokens; ++i) {
    if (control.stop_requested()) throw Interrupted();
    const auto seen = static_cast<double>(held.bytes_of_next);
    const double seconds = together.feed(shape.length + shape.warmup + i);
    held = together.held();
    if (i < 0) continue;
    bytes += seen;
    most_entries = std::max(most_entries, held.most_entries);
    repeat.step_seconds.push_back(seconds);
    stretches.add(i + 1, seconds, held, i + 1 == shape.tokens);
  }
  repeat.held = held;
  repeat.held.most_entries = most_entries;
  repeat.kv_bytes_per_step = bytes / static_cast<double>(shape.tokens);
  repeat.mean_nll = together.check();
  process.check(terms.settings.method);
  return repeat;
}

}  // namespace pressroom
