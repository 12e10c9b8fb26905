// What a campaign file says for one model only: its section `when_model`.
#include <algorithm>
#include <set>
#include <utility>

#include "config/overrides.h"
#include "config/schema.h"
#include "config/values.h"
#include "hub/built_in_models.h"

namespace pressroom {
namespace {

constexpr const char* kKey = "when_model";

// The model of the last flag that names one, else that of the file; "" where there is none.
std::string model_of(const YamlNode& root, const std::vector<Override>& flags) {
  const YamlEntry* entry = root.find("model");
  std::string model = entry == nullptr ? "" : entry->value.text;
  for (const Override& flag : flags) {
    if (flag.path != "model") continue;
    ProblemList reported_later;
    try {
      model = parse_yaml(YamlText(flag.yaml, flag.origin, 1), reported_later).text;
    } catch (const Error&) {
      model.clear();
    }
  }
  return model;
}

void refuse_flags(const std::vector<Override>& flags, ProblemList& problems) {
  int source = 0;
  for (const Override& flag : flags) {
    ++source;
    if (path_steps(flag.path).front() != kKey) continue;
    YamlPlace place;
    place.origin = flag.origin;
    place.source = source;
    problems.add(place, "\"when_model\" cannot be set by a flag", "a key of the campaign",
                 flag.path, "set the key itself: flags override \"when_model\"");
  }
}

// Keys that no block may set; true for a usable one.
bool check_target(const YamlEntry& entry, ProblemList& problems) {
  const std::string key = path_steps(entry.key).front();
  if (key != "model" && key != kKey) return true;
  problems.add(entry.key_place, "\"when_model\" cannot set \"" + key + '"',
               "any other key of a campaign", entry.key, "remove it");
  return false;
}

// The entries of `block` whose paths have a step after `section`, by that step; with `section` ""
// all of them, by their first.
YamlNode steps_below(const YamlNode& block, const std::string& section) {
  YamlNode map;
  map.kind = YamlKind::kMap;
  for (const YamlEntry& entry : block.entries) {
    const std::vector<std::string> steps = path_steps(entry.key);
    if (section.empty()) {
      map.entries.push_back({steps.front(), entry.key_place, {}});
    } else if (steps.size() > 1 && steps.front() == section) {
      map.entries.push_back({steps[1], entry.key_place, {}});
    }
  }
  return map;
}

// Unknown keys of a block that nothing else will look at.
void refuse_unknown_steps(const YamlNode& block, ProblemList& problems) {
  std::vector<std::string> sections = {""};
  for (const ConfigKey* key : config_keys("")) {
    if (key->shape == KeyShape::kSection) sections.push_back(key->spec.name);
  }
  for (const std::string& section : sections) {
    std::vector<const ParameterSpec*> specs;
    for (const ConfigKey* key : config_keys(section)) {
      if (key->spec.name != "model" && key->shape != KeyShape::kOverrides) {
        specs.push_back(&key->spec);
      }
    }
    refuse_unknown_keys(steps_below(block, section), specs, section, {}, problems);
  }
}

void apply_block(YamlNode& root, const YamlNode& block,
                 const std::vector<std::vector<std::string>>& exclusive, ProblemList& problems) {
  // All rivals first: two of them in one block are both meant, and a problem.
  for (const YamlEntry& entry : block.entries) remove_rivals(root, entry.key, exclusive);
  for (const YamlEntry& entry : block.entries) {
    YamlNode* target = node_at(root, entry.key, entry.key_place, problems);
    if (target != nullptr) *target = entry.value;
  }
}

// The keys of `root` that `block` leads into: of all that a block may change these are enough to
// try it on.
YamlNode touched(const YamlNode& root, const YamlNode& block) {
  YamlNode part;
  part.kind = YamlKind::kMap;
  part.place = root.place;
  std::set<std::string> keys;
  for (const YamlEntry& entry : block.entries) keys.insert(path_steps(entry.key).front());
  for (const YamlEntry& entry : root.entries) {
    if (keys.count(entry.key) > 0) part.entries.push_back(entry);
  }
  return part;
}

// Without what no block may set; nothing when the block is none.
std::optional<YamlNode> checked_block(const YamlEntry& entry, ProblemList& problems) {
  if (entry.value.kind == YamlKind::kRefused) return std::nullopt;
  if (entry.value.kind != YamlKind::kMap) {
    problems.add(entry.value.place, "\"when_model\" of " + entry.key + " is not a mapping",
                 "KEY: VALUE lines", describe(entry.value),
                 "write the keys that differ, as \"protocol.context: 512\"");
    return std::nullopt;
  }
  YamlNode block = entry.value;
  const auto is_refused = [&](const YamlEntry& line) { return !check_target(line, problems); };
  block.entries.erase(std::remove_if(block.entries.begin(), block.entries.end(), is_refused),
                      block.entries.end());
  return block;
}

}  // namespace

void apply_when_model(YamlNode& root, const std::vector<Override>& flags,
                      const std::vector<std::vector<std::string>>& exclusive,
                      ProblemList& problems) {
  refuse_flags(flags, problems);
  const auto is_section = [](const YamlEntry& entry) { return entry.key == kKey; };
  const auto found = std::find_if(root.entries.begin(), root.entries.end(), is_section);
  if (found == root.entries.end()) return;
  const YamlNode section = std::move(found->value);
  root.entries.erase(found);
  if (section.kind == YamlKind::kRefused) return;
  if (section.kind != YamlKind::kMap) {
    problems.add(section.place, "\"when_model\" is not a mapping", config_key("", kKey).accepts(),
                 describe(section), "write \"when_model: {starter: {protocol.context: 512}}\"");
    return;
  }
  const std::string model = model_of(root, flags);
  // Blocks of other models are tried on the file, not on what the block of this one made of it.
  const YamlNode as_written = root;
  for (const YamlEntry& entry : section.entries) {
    const std::optional<YamlNode> block = checked_block(entry, problems);
    if (!block) continue;
    if (entry.key == model) {
      apply_block(root, *block, exclusive, problems);
      continue;
    }
    // A word that is neither a path nor a name at the hub, and almost a built-in model's.
    const bool is_word = entry.key.find('/') == std::string::npos;
    const std::string near = closest_match(entry.key, built_in_models());
    if (is_word && !is_built_in_model(entry.key) && !near.empty()) {
      problems.add(entry.key_place, "\"when_model\" names no model that there is",
                   "a name as \"model\" takes it", entry.key, "did you mean \"" + near + "\"?");
    }
    YamlNode scratch = touched(as_written, *block);
    apply_block(scratch, *block, exclusive, problems);
    refuse_unknown_steps(*block, problems);
  }
}

}  // namespace pressroom
