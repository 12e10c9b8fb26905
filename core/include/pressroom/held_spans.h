// What a cache still held of a document's named spans, and when: what the metric `spans` counts and
// what the files of answers say of an answer's evidence.
//
//   const HeldEntries held = held_evidence(document, answer);   // when the answer was asked for
//   if (held.entries > 0) shares.push_back(held.share());
//   held.of_head[2][1]   // how many of held.entries KV head 1 of layer 2 had
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pressroom/metric.h"

namespace pressroom {

// Entries of some tokens that each KV head held at some time.
struct HeldEntries {
  std::int64_t entries = 0;                        // that there are in each KV head; 0: of no token
  std::vector<std::vector<std::int64_t>> of_head;  // [layer][kv_head]: held, 0 .. entries

  double share() const;  // over all layers and KV heads, 0 .. 1; asserts that there are entries
  // Adds the entries of other tokens of the same caches.
  void add(const HeldEntries& other);
};

// Entries of the tokens [begin, end) that the query of `token` saw. With
// EntryLifetimes::kNeverLeaves: that were held after the last token.
HeldEntries held_entries(const EntryLifetimes& lifetimes, std::int64_t begin, std::int64_t end,
                         std::int64_t token);

// The token whose query predicts the first token of answer `answer`: when the answer is asked for.
std::int64_t asked_at(const DocumentMeasurements& document, std::size_t answer);

// What was held of the evidence of answer `answer` - of all spans that name it - when it was asked
// for. Without entries where no span names it, or lifetimes were not measured.
HeldEntries held_evidence(const DocumentMeasurements& document, std::size_t answer);

}  // namespace pressroom
