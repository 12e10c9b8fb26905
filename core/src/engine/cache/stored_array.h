// An array of what a running sequence holds, as it lies in memory: what a file of it is made of.
//
//   for (const StoredArray& array : cache.stored()) write(array.name, array.shape, ...)
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace pressroom {

// Bytes one after another, borrowed.
struct StoredPiece {
  char* bytes = nullptr;
  std::int64_t size = 0;
};

struct StoredArray {
  std::string name;                 // "keys"
  std::string dtype;                // as safetensors files call it: "F32", "F64", "I64"
  std::vector<std::int64_t> shape;  // [T,64]
  std::vector<StoredPiece> pieces;  // its bytes in order

  std::int64_t bytes() const {
    std::int64_t sum = 0;
    for (const StoredPiece& piece : pieces) sum += piece.size;
    return sum;
  }
};

// The whole of `numbers`, of `shape`.
template <typename Number>
StoredArray stored_array(std::string name, const char* dtype, std::vector<std::int64_t> shape,
                         std::vector<Number>& numbers) {
  return {std::move(name),
          dtype,
          std::move(shape),
          {{reinterpret_cast<char*>(numbers.data()),
            static_cast<std::int64_t>(numbers.size() * sizeof(Number))}}};
}

}  // namespace pressroom
