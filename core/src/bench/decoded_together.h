// Sequences that are decoded together, each the tokens of a document, and what every run is held
// to: the invariants, and the budget after each token.
//
//   DecodedTogether together(model, method, terms, shape, documents);
//   together.prefill();
//   for (position from shape.length on) seconds += together.feed(position);
//   together.check();
//
// Times are of the engine alone: targets are scored and sizes counted off the clock.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "bench/decode_run.h"
#include "engine/recording.h"
#include "engine/sequence.h"
#include "protocol/protocol.h"

namespace pressroom {

class DecodedTogether {
 public:
  // Everything is borrowed and is what decode_once takes.
  DecodedTogether(const Model& model, const Method& method, const RunTerms& terms,
                  const DecodeShape& shape, const std::vector<TokenDocument>& documents);

  // Feeds all prompts; the seconds it took.
  double prefill();

  // Feeds the token at `position` of each, from shape.length on and one after another; the seconds
  // it took. Throws Error where a cache holds more than its budget then.
  double feed(std::int64_t position);

  // Of all, but for most_entries, which is that of one KV head.
  SequenceSizes held() const;

  // Once all tokens are fed: throws Error where an invariant is broken, or where caches hold
  // something else than their own record says. The mean nll.
  double check();

 private:
  // One sequence, and what is written down of it.
  struct Member {
    Member(const Model& model, const Method& method, const RunTerms& terms,
           const DecodeShape& shape, const Schedule& schedule, const TokenDocument& its_document);

    const TokenDocument& document;
    Sequence sequence;
    DocumentRun run;
    DocumentScorer scorer;
    std::optional<std::int64_t> fed_since_event;  // nothing before the first event
  };

  std::int64_t heads() const { return facts_.layers * facts_.kv_heads; }
  std::string place(const Member& member) const;
  void after_token(Member& member, const float* logits, std::int64_t position);

  const ModelFacts& facts_;
  const RunTerms& terms_;
  DecodeShape shape_;
  Schedule schedule_;
  std::deque<Member> members_;  // stay where they are: scorers refer to them
  std::optional<SequenceGroup> group_;
  std::vector<std::int64_t> next_;
};

}  // namespace pressroom
