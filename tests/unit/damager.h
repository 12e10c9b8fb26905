// Damages files the way disks, downloads and hands do, the same way for the same seed.
//
//   Damager damager(1);
//   const std::string file = damager.damaged(whole, whole.size());
#pragma once

#include <cstdint>
#include <iterator>
#include <random>
#include <string>

#include "gguf_builder.h"

namespace pressroom {

class Damager {
 public:
  explicit Damager(std::uint64_t seed) : random_(seed) {}

  // `file` with one or two mistakes, most of them in its first `header` bytes.
  std::string damaged(std::string file, std::size_t header) {
    for (std::uint64_t left = 1 + below(2); left > 0; --left) damage(file, header);
    return file;
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  void damage(std::string& file, std::size_t header) {
    if (file.empty()) return;
    const std::size_t at = below(std::min(file.size(), below(8) == 0 ? file.size() : header));
    switch (below(7)) {
      case 0:
        file.resize(at);
        break;
      case 1:
        file.erase(at, 1 + below(16));
        break;
      case 2:
        file.insert(at, std::string(1 + below(16), static_cast<char>(below(256))));
        break;
      case 3:
        put(file, at, file.substr(below(file.size()), 1 + below(64)));
        break;
      case 4:
        put(file, at, little_endian(number(file.size())).substr(0, 4 + 4 * below(2)));
        break;
      case 5:
        put(file, at, std::to_string(number(file.size())));
        break;
      default:
        file[at] = static_cast<char>(file[at] ^ 1 << below(8));
    }
  }

  static void put(std::string& file, std::size_t at, const std::string& piece) {
    file.replace(at, std::min(piece.size(), file.size() - at), piece);
  }

  // One that readers tend to stumble over.
  std::uint64_t number(std::uint64_t file_size) {
    const std::uint64_t power = 1ULL << below(64);
    const std::uint64_t numbers[] = {0,         1,          power,         power - 1, ~0ULL,
                                     file_size, power + 1U, file_size - 1, 0 - power, below(1000)};
    return numbers[below(std::size(numbers))];
  }

  std::mt19937_64 random_;
};

}  // namespace pressroom
