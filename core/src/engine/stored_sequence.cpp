// What a growing sequence holds as arrays, and one that goes on from them.

#include <c10/core/InferenceMode.h>

#include <utility>

#include "engine/eviction/layer_state.h"
#include "engine/sequence.h"
#include "engine/sequence_state.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

using Arrays = std::vector<StoredArray>;

void append(Arrays& all, Arrays more) {
  for (StoredArray& array : more) all.push_back(std::move(array));
}

// Whether tokens behind the prompt can be evicted, here or where the sequence is taken up again
// with more room: what they are born with has to be there then.
bool may_evict(const RunSettings& settings) {
  return evicts(settings.plan) && settings.plan.phases != Phases::kPrefill &&
         settings.protocol.continuation == Continuation::kHold;
}

void check_lengths(std::int64_t tokens, std::int64_t prompt_tokens, std::int64_t most_tokens,
                   const std::string& id) {
  if (tokens > most_tokens) {
    throw Error({"the sequence is longer than there is room for", id,
                 "at most " + std::to_string(most_tokens) + " tokens", std::to_string(tokens),
                 "make room for more"});
  }
  if (prompt_tokens >= 1 && prompt_tokens <= tokens) return;
  throw Error({"the prompt is no part of the sequence", id,
               "1 .. " + std::to_string(tokens) + " tokens", std::to_string(prompt_tokens), ""});
}

void check_entries_held(const std::vector<std::int64_t>& entries, std::int64_t tokens,
                        const std::string& id) {
  for (const std::int64_t count : entries) {
    if (count >= 0 && count <= tokens) continue;
    throw Error({"a head holds more entries than there are tokens, or fewer than none", id,
                 "0 .. " + std::to_string(tokens), std::to_string(count), ""});
  }
}

}  // namespace

std::vector<StoredArray> Sequence::stored() const {
  State& state = *state_;
  PRESSROOM_ASSERT(state.caches && state.logits != nullptr);
  state.check_whole();
  const ModelFacts& facts = state.setup.model;
  state.entries.clear();
  for (const LayerState& layer : state.caches->layers()) {
    for (const HeadCache& head : layer.heads()) state.entries.push_back(head.size());
  }
  if (state.logits != state.own_logits.data()) {
    state.own_logits.assign(state.logits, state.logits + facts.vocabulary);
  }
  Arrays all = {stored_array("ids", "I64", {static_cast<std::int64_t>(state.document.ids.size())},
                             state.document.ids),
                stored_array("entries", "I64", {facts.layers, facts.kv_heads}, state.entries),
                stored_array("logits", "F32", {facts.vocabulary}, state.own_logits)};
  for (LayerState& layer : state.caches->layers()) {
    append(all, layer.stored_entries());
    append(all, layer.stored_queries());
    append(all, layer.stored_inputs());
  }
  return all;
}

void Sequence::restore(std::int64_t tokens, std::int64_t prompt_tokens, const FillArray& fill) {
  State& state = *state_;
  PRESSROOM_ASSERT(!state.caches);
  check_lengths(tokens, prompt_tokens, state.most_tokens, state.document.id);
  state.use_threads();
  const c10::InferenceMode no_gradients;
  try {
    state.take_up(tokens, prompt_tokens, fill);
  } catch (...) {
    state.caches.reset();
    state.document.ids.clear();
    throw;
  }
}

void Sequence::State::take_up(std::int64_t tokens, std::int64_t prompt_tokens,
                              const FillArray& fill) {
  const ModelFacts& facts = setup.model;
  document.ids.resize(static_cast<std::size_t>(tokens));
  fill(stored_array("ids", "I64", {tokens}, document.ids));
  for (std::int64_t i = 0; i < tokens; ++i) check_id(document.ids[i], i);
  entries.resize(static_cast<std::size_t>(facts.layers * facts.kv_heads));
  fill(stored_array("entries", "I64", {facts.layers, facts.kv_heads}, entries));
  check_entries_held(entries, tokens, document.id);
  own_logits.resize(static_cast<std::size_t>(facts.vocabulary));
  fill(stored_array("logits", "F32", {facts.vocabulary}, own_logits));

  set_prompt(prompt_tokens);
  caches.emplace(model, setup, settings, method, document, most_tokens, may_evict(settings));
  if (caches->policies_keep_state()) {
    throw Error(
        {"the method's policies know more than what a cache holds, so that no other could "
         "go on evicting in their place",
         document.id, "a method whose policies keep no state, or no eviction from here on",
         settings.method, "go on without evicting, or feed the text again"});
  }
  for (LayerState& layer : caches->layers()) {
    const auto first = entries.begin() + layer.place().layer * facts.kv_heads;
    layer.make_entries({first, first + facts.kv_heads}, tokens);
    for (const StoredArray& array : layer.stored_entries()) fill(array);
    layer.settle_entries(document.ids);
    for (const StoredArray& array : layer.stored_queries()) fill(array);
    for (const StoredArray& array : layer.stored_inputs()) fill(array);
  }
  pass.settle_first_layer(*caches, prompt_tokens);
  logits = own_logits.data();
}

}  // namespace pressroom
