// What needles and chains of variables are hidden in.
//
//   const Haystack haystack = noise(40);
//   put_into(made, haystack, places_in(haystack, key, 1), {{"VAR QWXFB = 31415", 0}});
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "composition.h"
#include "pressroom/random.h"
#include "texts.h"

namespace pressroom::ruler {

// Lines or sentences; what is hidden stands between them.
struct Haystack {
  std::vector<std::string> pieces;
  std::string separator;
  // Places are drawn from the 40 depths of the recipe, not from all there are.
  bool by_depth = false;
};

// The five short sentences, again and again.
Haystack noise(std::int64_t lines);
// The sentences of the first `words` words.
Haystack prose(const Prose& text, std::int64_t words);

// Where something is put: before that piece, behind all of them if it is their number.
struct Place {
  std::size_t before = 0;
  std::int64_t percent = 0;  // of the pieces that are before it
};

// `count` places in ascending order. By depth: of 0, 3, 5 ... 100, forty percentages in equal steps
// and rounded, as many different ones; else before as many different pieces.
std::vector<Place> places_in(const Haystack& haystack, RandomKey key, std::size_t count);

inline constexpr std::size_t kDepths = 40;

// Something that is hidden: evidence of an answer, or of none (-1).
struct Hidden {
  std::string text;
  std::int64_t answer = -1;
};

// Writes the haystack with `hidden`, one at each place, and notes their depths.
void put_into(Composition& made, const Haystack& haystack, const std::vector<Place>& places,
              const std::vector<Hidden>& hidden);

}  // namespace pressroom::ruler
