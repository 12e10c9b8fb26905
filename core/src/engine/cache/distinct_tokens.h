// Queries, keys and values of the first layer depend on the token alone. A product may round equal
// rows differently, by where they stand and how many there are; equal tokens must tie exactly, so
// each distinct token is projected once and its row used again.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace pressroom {

// Rows of a product come in multiples of this, with idle ones at the end, so that products of all
// heights are made by the same inner loops.
constexpr std::int64_t kRowMultiple = 64;

inline std::int64_t rounded_up(std::int64_t rows) {
  return (rows + kRowMultiple - 1) / kRowMultiple * kRowMultiple;
}

// The rows of one document, kept as they come.
class DistinctTokens {
 public:
  // Replaces each row of `qkv` [rows,width] whose token has been seen before - `ids` gives those of
  // the first rows - by the row it had then.
  void settle(const std::vector<std::int64_t>& ids, float* qkv, std::int64_t width);

 private:
  std::unordered_map<std::int64_t, std::vector<float>> rows_;
};

}  // namespace pressroom
