// Text with something to learn, for the tests of training.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "train/starter/counter_rng.h"

namespace pressroom {

// Sentences of a few words in random order.
inline std::string toy_text(std::size_t words, std::uint64_t seed) {
  const std::vector<std::string> vocabulary = {"the", "cat", "saw", "a",
                                               "dog", "and", "ran", "home"};
  CounterRng rng(seed, 0);
  std::string text;
  for (std::size_t w = 0; w < words; ++w)
    text += vocabulary[rng.below(8)] + (w % 9 == 8 ? ".\n" : " ");
  return text;
}

}  // namespace pressroom
