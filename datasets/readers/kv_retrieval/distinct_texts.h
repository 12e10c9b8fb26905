// Random texts that differ from each other: the keys and the values of a made object.
//
//   DistinctTexts keys("uuids", key.with("keys"));
//   keys.at(0);  // "9f1b6c2e-5a01-4d0e-8b8e-0f3c2d1e4a57"
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "pressroom/random.h"

namespace pressroom {

class DistinctTexts {
 public:
  // `kind`: uuids (version 4), or numbers (seven digits, the first not 0).
  DistinctTexts(const std::string& kind, RandomKey key)
      : is_number_(kind == "numbers"), key_(key) {}

  // How many there can be; of numbers as many as leave most draws new.
  std::size_t most() const { return is_number_ ? 4000000 : std::size_t{1} << 40; }

  // Text `index`, drawn by key and index; one that is there already is drawn again.
  const std::string& at(std::size_t index);

 private:
  std::string drawn(RandomKey key) const;

  bool is_number_;
  RandomKey key_;
  std::vector<std::string> texts_;  // as far as they were asked for
  std::set<std::string> known_;
};

}  // namespace pressroom
