// Where two runs of one document, on two engines, part: the first eviction at which other entries
// leave. What comes after it differs because of it, so it is the place to look at.
//
//   const auto parting = first_parting(replayed, decoded);
//   if (parting) std::cout << text(*parting, "replay", "decode");
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/run.h"

namespace pressroom {

// An entry that left one of the runs at the parting and not the other.
struct PartedEntry {
  std::int64_t head = 0;
  std::int64_t position = 0;
  bool left_in_first = false;  // else in the second run
  float score = 0;             // by which it left; NaN where the method chose by no score
};

struct Parting {
  std::int64_t layer = 0;
  std::int64_t head = 0;  // the first of the layer at which entries leave otherwise
  std::int64_t step = 0;
  std::int64_t token = 0;            // the last one of the step
  std::vector<PartedEntry> entries;  // of all heads of the layer, which may share a budget
  // Largest score minus the smallest of the entries that a head chose among, or the heads of a
  // layer that shares a budget; of several heads the most. NaN where an entry has no score.
  float spread = 0;
  // Most by which the engines' scores differ for entries that left both runs there and before.
  float rounding = 0;
  // Whether rounding decided: as many entries left in either run, and their scores are no further
  // apart than rounding puts them.
  bool is_tie = false;
};

// The first step at which other entries left, and there the first layer and head; nothing where all
// entries left alike. The runs are of one document under one schedule.
std::optional<Parting> first_parting(const DocumentRun& first, const DocumentRun& second);

// "they part at layer 0, kv head 1, step 204, after token 204", then a line for each entry, at most
// `most` of each run, and one for the judgement; these begin with two blanks.
std::string text(const Parting& parting, const std::string& first, const std::string& second,
                 std::size_t most = 8);

// Place and judgement alone.
std::string one_line(const Parting& parting);

}  // namespace pressroom
