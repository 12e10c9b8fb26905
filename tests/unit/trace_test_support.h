// What the tests of eviction traces share: traces made by hand, their files in parts,
// and dice.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "trace/stream_bytes.h"
#include "trace/trace.h"

namespace pressroom {

using Indices = std::vector<std::int64_t>;

// A position, the last token that saw it, and its score then.
struct Leaving {
  std::int64_t position, last_query;
  float score;
};

inline EvictionLog head_of(std::int64_t tokens, const std::vector<Leaving>& leaving) {
  EvictionLog head(tokens);
  for (const Leaving& one : leaving) head.leaves(one.position, one.last_query, one.score);
  return head;
}

inline Trace trace_with(Indices tokens_per_step, std::vector<std::vector<EvictionLog>> evictions) {
  const TraceHeader header = {"tiny", "h2o", "stream", 3, Positions::kCacheIndex, "a.txt", "abcd"};
  return {header, std::move(tokens_per_step), std::move(evictions), true};
}

// One head, five tokens: 1 leaves after token 2; 3 and 0 leave after token 4.
inline Trace small_trace() {
  return trace_with({1, 1, 1, 1, 1}, {{head_of(5, {{1, 2, 1.0F}, {3, 4, 1.0F}, {0, 4, 0.5F}})}});
}

// Numbers that are the same everywhere.
class Dice {
 public:
  explicit Dice(std::uint32_t seed) : bits_(seed) {}
  std::int64_t below(std::int64_t count) { return static_cast<std::int64_t>(bits_()) % count; }
  double uniform() { return (static_cast<double>(bits_()) + 0.5) / 4294967296.0; }

 private:
  std::mt19937 bits_;
};

// `size` bytes, little endian.
inline std::uint64_t number_at(const std::string& bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    value += static_cast<std::uint64_t>(static_cast<unsigned char>(bytes.at(at + i))) << 8 * i;
  }
  return value;
}

// A file taken apart as docs/traces.md says, and put together again.
struct TraceParts {
  nlohmann::ordered_json header;
  std::vector<std::string> streams;

  explicit TraceParts(const std::string& bytes) {
    std::size_t at = 16 + number_at(bytes, 12, 4);
    header = nlohmann::ordered_json::parse(bytes.substr(16, at - 16));
    while (at + 4 < bytes.size()) {
      const std::uint64_t stored = number_at(bytes, at, 8);
      streams.push_back(
          inflate(bytes.substr(at + 16, stored), number_at(bytes, at + 8, 8)).value());
      at += 16 + stored;
    }
  }

  std::string bytes() const {
    const auto number = [](std::uint64_t value, int size) {
      std::string text;
      for (int i = 0; i < size; ++i) text.push_back(static_cast<char>(value >> 8 * i));
      return text;
    };
    const std::string text = header.dump();
    std::string file = "PRTRACE\n" + number(1, 4) + number(text.size(), 4) + text;
    for (const std::string& stream : streams) {
      const std::string small = deflate(stream);
      file += number(small.size(), 8) + number(stream.size(), 8) + small;
    }
    return file + number(crc32_of(file), 4);
  }
};

}  // namespace pressroom
