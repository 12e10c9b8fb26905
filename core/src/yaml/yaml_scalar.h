// Scalars read strictly, the same way wherever a config holds one.
//
// `true` and `false` are the only truth values, numbers are plain decimals: YAML 1.1's yes, 0x1F,
// 010, 1_000, 1:30 and .inf are not numbers, and neither is anything in quotes. What almost was
// right comes with a hint.
//
//   read_integer(node).value;  // std::nullopt for "1_000" ...
//   read_integer(node).hint;   // ... and "write 1000"
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "yaml/yaml_tree.h"

namespace pressroom {

template <typename T>
struct Reading {
  std::optional<T> value;
  std::string hint;  // what to do, when there is no value; may be empty
};

Reading<bool> read_bool(const YamlNode& node);
Reading<std::int64_t> read_integer(const YamlNode& node);  // refuses what 64 bits cannot hold
Reading<double> read_number(const YamlNode& node);         // finite
// Any scalar but a bare true or false; `2024` and "2024" are the same string.
Reading<std::string> read_string(const YamlNode& node);

// `text` as a scalar that reads back as this very string, bare where that is safe and in double
// quotes elsewhere; safe inside [ ] and { } too.
std::string yaml_string(const std::string& text);

}  // namespace pressroom
