#include "results/config_json.h"

#include <nlohmann/json.hpp>

#include "yaml/yaml_tree.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

Json as_json(const YamlNode& node) {
  if (node.kind == YamlKind::kScalar) return node.text;
  if (node.kind == YamlKind::kSequence) {
    Json list = Json::array();
    for (const YamlNode& item : node.items) list.push_back(as_json(item));
    return list;
  }
  if (node.kind != YamlKind::kMap) return nullptr;
  Json map = Json::object();
  for (const YamlEntry& entry : node.entries) map[entry.key] = as_json(entry.value);
  return map;
}

}  // namespace

Json config_json(const std::string& yaml, const std::string& file) {
  ProblemList problems;
  const YamlNode root = parse_yaml(YamlText(yaml, file, 0), problems);
  problems.throw_if_any();
  return as_json(root);
}

}  // namespace pressroom
