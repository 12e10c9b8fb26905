#include "bench/decoded_together.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "engine/eviction/layer_state.h"
#include "engine/invariants.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

using StepClock = std::chrono::steady_clock;

double seconds_since(StepClock::time_point begin) {
  return std::chrono::duration<double>(StepClock::now() - begin).count();
}

double mean_of_values(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

DecodedTogether::Member::Member(const Model& model, const Method& method, const RunTerms& terms,
                                const DecodeShape& shape, const Schedule& schedule,
                                const TokenDocument& its_document)
    : document(its_document),
      sequence(model, method, terms.settings, document.id, shape.all_tokens()),
      scorer(model, schedule, document, false, run) {}

DecodedTogether::DecodedTogether(const Model& model, const Method& method, const RunTerms& terms,
                                 const DecodeShape& shape,
                                 const std::vector<TokenDocument>& documents)
    : facts_(model.facts()),
      terms_(terms),
      shape_(shape),
      schedule_(schedule_of(terms.settings.protocol, terms.settings.plan, shape.all_tokens())) {
  std::vector<Sequence*> together;
  for (const TokenDocument& document : documents) {
    members_.emplace_back(model, method, terms, shape, schedule_, document);
    together.push_back(&members_.back().sequence);
  }
  group_.emplace(together);
}

double DecodedTogether::prefill() {
  double seconds = 0;
  for (Member& member : members_) {
    const std::vector<std::int64_t>& ids = member.document.ids;
    const std::vector<std::int64_t> prompt(ids.begin(), ids.begin() + shape_.length);
    const auto begin = StepClock::now();
    const float* logits = member.sequence.prefill(prompt);
    seconds += seconds_since(begin);
    after_token(member, logits, shape_.length - 1);
  }
  return seconds;
}

double DecodedTogether::feed(std::int64_t position) {
  next_.clear();
  for (const Member& member : members_) next_.push_back(member.document.ids[position]);
  const auto begin = StepClock::now();
  const float* logits = group_->feed(next_);
  const double seconds = seconds_since(begin);
  for (Member& member : members_) {
    after_token(member, logits, position);
    logits += facts_.vocabulary;
  }
  return seconds;
}

SequenceSizes DecodedTogether::held() const {
  SequenceSizes all;
  for (const Member& member : members_) {
    const SequenceSizes one = member.sequence.sizes();
    all.entries += one.entries;
    all.most_entries = std::max(all.most_entries, one.most_entries);
    all.bytes += one.bytes;
    all.allocated_bytes += one.allocated_bytes;
    all.beside_bytes += one.beside_bytes;
    all.evicted += one.evicted;
    all.bytes_of_next += one.bytes_of_next;
  }
  return all;
}

double DecodedTogether::check() {
  std::vector<double> means;
  for (Member& member : members_) {
    DocumentRun& run = member.run;
    for (const LayerState& layer : member.sequence.layers()) {
      run.evictions.push_back(layer.evictions());
    }
    record_sizes(schedule_, terms_.settings.protocol.server, run);
    check_invariants(run, terms_.settings, member.document);
    const std::int64_t held = member.sequence.sizes().entries;
    if (held != run.entries_per_step.back()) {
      throw Error({"caches do not hold what their record says", place(member),
                   std::to_string(run.entries_per_step.back()) + " entries", std::to_string(held),
                   "this is a fault of the engine, please report it"});
    }
    means.push_back(mean_of_values(run.nll_nats));
  }
  return mean_of_values(means);
}

std::string DecodedTogether::place(const Member& member) const {
  return terms_.where + ", " + member.document.id;
}

void DecodedTogether::after_token(Member& member, const float* logits, std::int64_t position) {
  member.scorer.add_token(logits, facts_.vocabulary, position);
  // The prompt is the first step, each token after it one of its own.
  const auto step = static_cast<std::size_t>(position - shape_.length + 1);
  if (member.fed_since_event) ++*member.fed_since_event;
  if (schedule_.steps[step].evicts) member.fed_since_event = 0;
  check_held_to_budget(terms_.settings.plan, terms_.settings.budget_tokens, member.fed_since_event,
                       member.sequence.sizes(), heads(), place(member));
}

}  // namespace pressroom
