// One sequence that grows token by token over caches that evict: what generation and measurements
// of decoding are made of.
//
//   Sequence sequence(model, method, settings, "prompt", prompt.size() + 200);
//   const float* logits = sequence.prefill(prompt);             // [V]
//   for (int i = 0; i < 200; ++i) logits = sequence.feed(id_of(logits));
//   sequence.sizes().entries;                                   // of all layers and KV heads
//
// Several take their next tokens together in a SequenceGroup, which reads each weight once for all:
//
//   SequenceGroup group({&first, &second});       // both prefilled, of one model
//   const float* logits = group.feed({17, 5});    // [2,V]
//
// What leaves and when is that of the protocol `prefill` with the prompt for its first part: the
// plan's phases say whether the prompt is compressed, and the tokens after it stay with
// `continuation: grow` and are subject to the budget with `hold`. A sequence fed the tokens of a
// document gives the logits of that document decoded, bit for bit - where the model lies in host
// memory. On a device its products may round a row by how many are beside it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/cache/stored_array.h"
#include "engine/run.h"

namespace pressroom {

class LayerState;

// What caches hold, summed over layers and KV heads.
struct SequenceSizes {
  std::int64_t entries = 0;
  std::int64_t most_entries = 0;  // of one KV head
  std::int64_t bytes = 0;         // in use by entries: key, value, statistics (EntryLayout::bytes)
  // That entries have from the allocator, position and id included, and the attention inputs of
  // most_tokens tokens where the method looks at those.
  std::int64_t allocated_bytes = 0;
  // Beside entries: the rows of a prompt's distinct tokens in the first layer, the queries that the
  // method looks back at, and when which entry left: 8 bytes for each KV head of each layer and
  // each of most_tokens, had at once.
  std::int64_t beside_bytes = 0;
  std::int64_t evicted = 0;  // entries that have left so far
  // That the attention of one more token reads: of the entries held, and of its own
  // (EntryLayout::bytes_attended).
  std::int64_t bytes_of_next = 0;
};

// What throws before a step begins - a token that is refused - changes nothing. What throws within
// one, as a method may, leaves layers that hold different tokens: the sequence, or each of a group,
// then refuses to be fed and to be stored with an Error that says so.
class Sequence {
 public:
  // `settings.protocol` says the continuation alone; its prompt is what prefill() is given. `id`
  // names the sequence in messages, and in the keys of its random numbers. Everything but it is
  // borrowed. Products run on settings.threads threads, and calls come from one thread. Throws
  // Error for more tokens than the model can run.
  Sequence(const Model& model, const Method& method, const RunSettings& settings, std::string id,
           std::int64_t most_tokens);
  ~Sequence();

  // What policies are told of the prompt (PolicyContext::spans), in its tokens. Before it is given.
  void name_spans(std::vector<SpanTokens> spans);

  // Feeds the whole prompt in one block, and compresses it where the plan says so. The logits [V]
  // after its last token, valid until the next call. Called first, and once. Throws Error for an
  // empty prompt, for one of more than most_tokens tokens, for ids outside the vocabulary, and when
  // the method makes no policy.
  const float* prefill(const std::vector<std::int64_t>& prompt);

  // Feeds one more token; the logits [V] after it. Throws Error when most_tokens have been fed.
  const float* feed(std::int64_t id);

  // The logits [V] after the last token, as prefill() and feed() have given them.
  const float* logits() const;

  // What it takes to go on: "ids" [N], "entries" [L,G] that each head holds, "logits" [V], and what
  // each layer holds (LayerState). Borrowed until the next call that feeds.
  std::vector<StoredArray> stored() const;

  // In place of prefill(): takes up `tokens` tokens, the first `prompt_tokens` of them the prompt,
  // of a sequence with the same model, method and settings. `fill` is called for each of its
  // stored() arrays, in their order, and writes its bytes. What is fed next then gives the logits
  // that it would have given there, bit for bit. Not known any more: when an entry left that had
  // left. Throws Error where arrays contradict each other, when the method makes no policy, and
  // where an event may follow that asks policies with a state of their own (Policy::keeps_state),
  // which is in no array; the sequence then is as it was.
  using FillArray = std::function<void(const StoredArray&)>;
  void restore(std::int64_t tokens, std::int64_t prompt_tokens, const FillArray& fill);

  // Those given, under `prefill` with the prompt's length.
  const RunSettings& settings() const;
  const std::string& id() const;
  const Model& model() const;
  std::int64_t most_tokens() const;

  // All that were fed, the prompt first.
  const std::vector<std::int64_t>& ids() const;
  // Of each layer, and in each of all KV heads.
  const std::vector<LayerState>& layers() const;
  SequenceSizes sizes() const;

 private:
  friend class SequenceGroup;
  struct State;

  std::unique_ptr<State> state_;
};

// Sequences that take their next tokens in one pass. Each gives the logits that it gives alone, bit
// for bit where the model lies in host memory (model/few_rows.h), and may be fed alone in between.
class SequenceGroup {
 public:
  // 1 to kMostFewRows ones of one model, none twice, borrowed; products run on the threads of the
  // first. Each has been given its prompt before feed() is called.
  explicit SequenceGroup(std::vector<Sequence*> sequences);
  ~SequenceGroup();

  // One more token of each, in their order; the logits [S,V] after them, valid until the next call.
  // Throws Error for a token that Sequence::feed refuses, and has fed none then.
  const float* feed(const std::vector<std::int64_t>& ids);

 private:
  struct State;

  std::unique_ptr<State> state_;
};

}  // namespace pressroom
