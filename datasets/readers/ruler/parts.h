// What needles and variables are made of, drawn by keys.
//
//   drawn_digits(key, 7);         // "4151902"
//   drawn_uuid(key);              // "6f0d7a52-93c1-4e0b-a8d7-0c2f4be19d35"
//   drawn_letters(key, 5, 'A');   // "QWXFB"
//   std::set<std::string> taken;
//   distinct(taken, key, [](RandomKey k) { return drawn_digits(k, 7); });
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "../recall/draws.h"

namespace pressroom::ruler {

// A decimal number of so many digits, the first not 0.
std::string drawn_digits(RandomKey key, std::size_t digits);

// A UUID of version 4 in lower case.
std::string drawn_uuid(RandomKey key);

// So many letters of the 26 that begin with `first`: 'a' or 'A'.
std::string drawn_letters(RandomKey key, std::size_t letters, char first);

// What `make` draws, again until it is none of `taken`; it is taken then. `make` must be able to
// draw many more than are taken.
std::string distinct(std::set<std::string>& taken, RandomKey key,
                     const std::function<std::string(RandomKey key)>& make);

// "a, b, c"
std::string joined(const std::vector<std::string>& parts, const std::string& separator);

}  // namespace pressroom::ruler
