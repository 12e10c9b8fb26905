// YAML as a plain tree in which every node knows where it was written, and its scalars read
// strictly.
//
// It is built from yaml-cpp's events, not from its `Node`, because those drop what a strict reader
// must see: keys given twice, and whether a scalar was quoted. Of YAML only what a config needs is
// accepted: one document of mappings, lists and scalars; anchors, aliases and tags are problems.
//
//   ProblemList problems;
//   const YamlNode root = parse_yaml(YamlText::read("a.yaml"), problems);
//   const YamlNode& seed = root.find("seeds")->value.items[0];
//   seed.text;                 // "1_000"
//   read_integer(seed).value;  // std::nullopt ...
//   read_integer(seed).hint;   // ... and "write 1000"
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "yaml/yaml_text.h"

namespace pressroom {

struct YamlEntry;

enum class YamlKind {
  kNull,  // nothing, `~` or `null`
  kScalar,
  kSequence,
  kMap,
  kRefused,  // already in the list of problems: readers pass over it
};

struct YamlNode {
  YamlKind kind = YamlKind::kNull;
  YamlPlace place;
  std::string text;                // of a scalar, quotes and escapes resolved
  bool plain = true;               // a scalar without quotes: may be a number or true or false
  std::vector<YamlNode> items;     // of a sequence
  std::vector<YamlEntry> entries;  // of a map, in the order written, keys unique

  // The entry of a map under `key`; nullptr when there is none or this is no map.
  const YamlEntry* find(const std::string& key) const;
  YamlEntry* find(const std::string& key);
};

struct YamlEntry {
  std::string key;
  YamlPlace key_place;
  YamlNode value;
};

// Parses the one document of `text`. A syntax error, an empty text and a second document are
// thrown as Error at once; what leaves a usable tree (a duplicate key, an alias, a tag) goes to
// `problems`, the first of two equal keys staying.
YamlNode parse_yaml(const YamlText& text, ProblemList& problems);

// How a node is quoted in messages: the scalar as written, "nothing", "a list", "a mapping".
std::string describe(const YamlNode& node);

// A scalar, read the same way wherever a config holds one. `true` and `false` are the only truth
// values, numbers are plain decimals: YAML 1.1's yes, 0x1F, 010, 1_000, 1:30 and .inf are not
// numbers, and neither is anything in quotes. What almost was right comes with a hint.
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
