// Attention of one new token over the entries of several KV heads, as they are stored.
//
//   AttentionScratch scratch;                                // kept from token to token
//   scratch.heads.assign(1, {queries, cache.keys(), cache.values(), cache.size(), out, nullptr});
//   attend({group, head_dim}, threads, scratch);
//
// Entries are taken in chunks of kAttendedChunk, which threads share: heads may hold very different
// numbers of entries. A chunk's exponentials and sums are its own and are added up in order, so the
// result depends neither on the threads nor on the heads that are attended beside one. All of a
// head's exponentials are relative to its one largest score: equal scores have equal probabilities
// wherever they lie.
//
// What is held in fewer bits gives what the same numbers held as float32 would, bit for bit.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/cache/stored_rows.h"
#include "model/rotary.h"

namespace pressroom {

// Entries that a thread takes at a time: a quarter of a megabyte of keys and values of 64 channels.
constexpr std::int64_t kAttendedChunk = 512;

// One KV head. Borrowed.
struct AttendedHead {
  const float* queries = nullptr;  // [g,d], rotated
  StoredRows keys;                 // [T,d]
  StoredRows values;               // [T,d]
  std::int64_t entries = 0;        // T, at least 1
  float* out = nullptr;            // [g,d]: softmax(q k^T / sqrt(d)) v
  // [T]; where not null, the probabilities are added to it, summed over the group.
  float* attention = nullptr;
};

// What the heads have in common.
struct TokenAttention {
  std::int64_t group = 1;     // g
  std::int64_t head_dim = 0;  // d
  // Where keys are stored as they came: entry j is turned to position j. Null for rotated keys.
  const RotaryTable* turn_by_index = nullptr;
  // Look whether the first query's probabilities add up to 1 in each head (I11).
  bool checks_sums = false;
};

// Memory that is used again from call to call.
struct AttentionScratch {
  std::vector<AttendedHead> heads;  // what is attended to
  std::vector<float> queries;       // for who fills `heads`: [heads,g,d], rotated for this step

  // A chunk of a head's entries. The rest is attend's own.
  struct Chunk {
    std::int64_t head = 0;
    std::int64_t first = 0;
    std::int64_t count = 0;
  };
  std::vector<Chunk> chunks;
  std::vector<std::int64_t> first_weight;  // of each head in `weights`
  std::vector<float> weights;              // [g,T padded] of each head: scores, then exponentials
  std::vector<float> padded_queries;       // [heads,g,d padded]
  std::vector<float> largest;              // [heads,g]
  std::vector<float> chunk_largest;        // [chunks,g]
  std::vector<float> chunk_sums;           // [chunks,g]: of exponentials
  std::vector<float> chunk_outs;           // [chunks,g,d padded]
};

// Attends to scratch.heads, which stays as it is; on up to `threads` threads where that is worth
// their while. Allocates nothing once `scratch` has grown. Throws Error where probabilities were
// looked at and do not add up to 1.
void attend(const TokenAttention& token, std::int64_t threads, AttentionScratch& scratch);

}  // namespace pressroom
