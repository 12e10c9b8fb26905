// YAML as a plain tree in which every node knows where it was written.
//
// It is built from yaml-cpp's events, not from its `Node`, because those drop what a strict reader
// must see: keys given twice, and whether a scalar was quoted. Of YAML only what a config needs is
// accepted: one document of mappings, lists and scalars; anchors, aliases and tags are problems.
//
//   ProblemList problems;
//   const YamlNode root = parse_yaml(YamlText::read("a.yaml"), problems);
//   root.find("seeds")->value.items[0].text;  // "42"
#pragma once

#include <string>
#include <vector>

#include "yaml/yaml_place.h"
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

}  // namespace pressroom
