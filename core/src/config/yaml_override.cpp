#include "config/yaml_override.h"

#include <algorithm>

#include "config/yaml_path.h"

namespace pressroom {

void remove_rivals(YamlNode& root, const std::string& path,
                   const std::vector<std::vector<std::string>>& exclusive) {
  const std::string key = path_steps(path).front();
  for (const std::vector<std::string>& group : exclusive) {
    if (std::find(group.begin(), group.end(), key) == group.end()) continue;
    const auto is_rival = [&](const YamlEntry& entry) {
      return entry.key != key && entry.value.place.source == 0 &&
             std::find(group.begin(), group.end(), entry.key) != group.end();
    };
    root.entries.erase(std::remove_if(root.entries.begin(), root.entries.end(), is_rival),
                       root.entries.end());
  }
}

void apply_overrides(YamlNode& root, const std::vector<Override>& overrides,
                     const std::vector<std::vector<std::string>>& exclusive,
                     ProblemList& problems) {
  int source = 0;
  for (const Override& flag : overrides) {
    ++source;
    YamlPlace place;
    place.origin = flag.origin;
    place.source = source;
    YamlNode value;
    try {
      value = parse_yaml(YamlText(flag.yaml, flag.origin, source), problems);
    } catch (const Error& error) {
      for (const Problem& problem : error.problems()) {
        problems.add(place, problem.what, problem.expected, problem.got, problem.fix);
      }
      continue;
    }
    remove_rivals(root, flag.path, exclusive);
    YamlNode* target = node_at(root, flag.path, place, problems);
    if (target != nullptr) *target = std::move(value);
  }
}

}  // namespace pressroom
