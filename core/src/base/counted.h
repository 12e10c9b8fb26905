// A number of things in words.
//
//   counted(1, "entry", "entries") == "1 entry"      counted(0, "entry", "entries") == "0 entries"
#pragma once

#include <cstdint>
#include <string>

namespace pressroom {

inline std::string counted(std::int64_t count, const char* one, const char* more) {
  return std::to_string(count) + " " + (count == 1 ? one : more);
}

}  // namespace pressroom
