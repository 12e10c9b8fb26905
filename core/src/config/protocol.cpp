#include "config/config.h"
#include "config/yaml_tree.h"

namespace pressroom {

void check_protocol(const std::string& yaml, const std::string& origin) {
  ProblemList problems;
  const YamlNode node = parse_yaml(YamlText(yaml, origin, 1), problems);
  problems.throw_if_any();
  const YamlEntry* kind = node.find("kind");
  const YamlNode& name = kind != nullptr ? kind->value : node;
  if (name.kind != YamlKind::kScalar || name.text != "stream") {
    throw Error({"the protocol is not in this version", name.place.text(), "stream",
                 name.kind == YamlKind::kScalar ? name.text : yaml, ""});
  }
  for (const YamlEntry& entry : node.entries) {
    if (entry.key == "kind") continue;
    throw Error({"the protocol has no such setting", entry.key_place.text(), "kind", entry.key,
                 "stream scores the whole document and needs no settings"});
  }
}

}  // namespace pressroom
