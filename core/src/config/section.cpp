#include "config/section.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace pressroom {

SectionReader::SectionReader(const YamlNode& map, std::string section, const ReadContext& context)
    : map_(map), section_(std::move(section)), context_(context) {
  std::vector<const ParameterSpec*> specs;
  for (const ConfigKey* key : config_keys(section_)) specs.push_back(&key->spec);
  std::vector<std::pair<std::string, std::string>> elsewhere;
  for (const ConfigKey& key : config_keys()) {
    const bool is_here = key.section == section_;
    if (is_here || key.section.find('[') != std::string::npos) continue;
    const auto is_named = [&](const auto& other) { return other.first == key.spec.name; };
    if (std::any_of(elsewhere.begin(), elsewhere.end(), is_named)) continue;
    const std::string home = key.section.empty() ? "the top level" : '"' + key.section + '"';
    elsewhere.emplace_back(key.spec.name, "it belongs to " + home + ": move it there");
  }
  misspelt_ = refuse_unknown_keys(map_, specs, section_, elsewhere, context_.problems);
}

bool SectionReader::is_misspelt(const std::string& name) const {
  return std::find(misspelt_.begin(), misspelt_.end(), name) != misspelt_.end();
}

const YamlNode* SectionReader::node(const std::string& name) {
  const ConfigKey& key = config_key(section_, name);
  const YamlEntry* entry = find_declared(map_, key.spec, context_.problems);
  if (entry != nullptr) return &entry->value;
  if (key.default_yaml) {
    const YamlText text(*key.default_yaml, "the default of " + key.path(), -1);
    defaults_.push_back(parse_yaml(text, context_.problems));
    return &defaults_.back();
  }
  if (!key.optional && !is_misspelt(name)) {
    YamlPlace place = map_.place;
    if (section_.empty()) place.line = 0;
    context_.problems.add(place, '"' + key.path() + "\" is missing",
                          key.accepts() + ": " + key.spec.help_text, "nothing",
                          "add \"" + name + ": ...\"");
  }
  return nullptr;
}

std::vector<ParameterValue> SectionReader::read(const std::string& name) {
  const ConfigKey& key = config_key(section_, name);
  const YamlNode* found = node(name);
  std::vector<ParameterValue> values;
  std::unordered_set<std::string> seen;
  if (found == nullptr) return values;
  const bool is_list = key.shape == KeyShape::kList;
  if (is_list && found->kind == YamlKind::kSequence && found->items.empty()) {
    context_.problems.add(found->place, '"' + key.path() + "\" is empty", key.accepts(), "[]",
                          "write at least one value");
  }
  const bool in_list = found->kind == YamlKind::kSequence;
  const std::string expected = in_list ? key.item_accepts() : key.accepts();
  for (const YamlNode* item : is_list ? items_of(*found) : std::vector<const YamlNode*>{found}) {
    std::optional<ParameterValue> value = read_item(key, *item, expected);
    if (!value) continue;
    if (!seen.insert(to_string(*value)).second) {
      context_.problems.add(item->place, '"' + key.path() + "\" holds a value twice",
                            "each value once", describe(*item), "remove one of the two");
    }
    values.push_back(std::move(*value));
  }
  return values;
}

std::optional<ParameterValue> SectionReader::read_item(const ConfigKey& key, const YamlNode& node,
                                                       const std::string& expected) {
  const std::string subject = '"' + key.path() + '"';
  std::optional<ParameterValue> value = read_value(subject, key.spec, node, context_, expected);
  const double* number = value ? std::get_if<double>(&*value) : nullptr;
  if (number == nullptr || !key.below || *number < *key.below) return value;
  const bool percent = *number > 1 && *number < 100;
  context_.problems.add(
      node.place,
      *number == 1 ? "a " + key.path() + " of 1 would leave nothing" : subject + " is out of range",
      expected, describe(node),
      percent ? "it is a fraction: 50 % is 0.5" : "write a fraction from 0 to below 1");
  return std::nullopt;
}

}  // namespace pressroom
