// Names of items, and the keys of a mapping against the keys that are declared.
#include <algorithm>
#include <climits>

#include "config/values.h"
#include "plugin/plugin_reference.h"
#include "protocol/server_constraints.h"

namespace pressroom {

namespace {

// What a method's item gives, as far as it can be read: what cannot is reported where it is used.
ConstraintChoice written_constraints(const YamlNode& item) {
  const auto text_of = [&](const char* key) {
    const YamlEntry* entry = item.find(key);
    return entry == nullptr ? std::string() : entry->value.text;
  };
  const auto flag_of = [&](const char* key) -> std::optional<bool> {
    const std::string text = text_of(key);
    if (text != "true" && text != "false") return std::nullopt;
    return text == "true";
  };
  ConstraintChoice choice;
  const std::string page = text_of("evict_in_blocks");
  const bool is_count = !page.empty() && page.size() < 12 &&
                        page.find_first_not_of("0123456789") == std::string::npos;
  if (is_count) choice.evict_in_blocks = std::stoll(page);
  const std::string heads = text_of("heads");
  if (heads == "together" || heads == "apart") choice.heads_together = heads == "together";
  choice.append_only = flag_of("append_only");
  choice.keep_prompt = flag_of("keep_prompt");
  return choice;
}

}  // namespace

std::string usual_label(const std::string& plain_name, const std::string& kv_dtype) {
  return kv_dtype.empty() ? plain_name : plain_name + '_' + kv_dtype;
}

std::string item_name(const YamlNode& item) {
  if (item.kind == YamlKind::kScalar) return plain_name(item.text);
  if (const YamlEntry* label = item.find("as")) return label->value.text;
  const YamlEntry* kv_dtype = item.find("kv_dtype");
  for (const char* key : {"name", "reader"}) {
    const YamlEntry* entry = item.find(key);
    if (entry == nullptr) continue;
    return usual_label(plain_name(entry->value.text), kv_dtype ? kv_dtype->value.text : "") +
           written_constraints(item).label_suffix();
  }
  return "";
}

const YamlEntry* find_declared(const YamlNode& map, const ParameterSpec& spec,
                               ProblemList& problems) {
  const YamlEntry* found = map.find(spec.name);
  for (const std::string& alias : spec.aliases) {
    const YamlEntry* other = map.find(alias);
    if (other == nullptr) continue;
    if (found == nullptr) {
      found = other;
      continue;
    }
    problems.add(other->key_place,
                 '"' + other->key + "\" and \"" + found->key + "\" are the same key",
                 "one of the two", "the other is at " + found->key_place.text(),
                 "remove one; the name is \"" + spec.name + '"');
  }
  return found;
}

std::vector<std::string> refuse_unknown_keys(
    const YamlNode& map, const std::vector<const ParameterSpec*>& specs, const std::string& owner,
    const std::vector<std::pair<std::string, std::string>>& elsewhere, ProblemList& problems,
    const std::string& manual) {
  std::vector<std::string> known;
  std::string listed;
  for (const ParameterSpec* spec : specs) {
    known.push_back(spec->name);
    known.insert(known.end(), spec->aliases.begin(), spec->aliases.end());
    listed += (listed.empty() ? "" : ", ") + spec->name;
    for (const std::string& alias : spec->aliases) {
      listed += (alias == spec->aliases.front() ? " (or " : ", ") + alias;
    }
    if (!spec->aliases.empty()) listed += ')';
  }
  std::vector<std::string> meant;
  for (const YamlEntry& entry : map.entries) {
    bool is_known = false;
    for (const std::string& name : known) is_known = is_known || name == entry.key;
    if (is_known) continue;
    const std::string close = closest_match(entry.key, known);
    std::string fix = close.empty() ? manual : "did you mean \"" + close + "\"?";
    if (!close.empty()) meant.push_back(close);
    for (const auto& [key, advice] : elsewhere) {
      if (key == entry.key) fix = advice;
    }
    problems.add(entry.key_place,
                 "unknown key \"" + entry.key + '"' + (owner.empty() ? "" : " of " + owner), listed,
                 entry.key, fix);
  }
  return meant;
}

std::string manual_of_plugin(const std::string& name) {
  return "see what it takes: pressroom show " + name;
}

bool is_file_word(const std::string& word) {
  const auto is_inner = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '+' || c == '-';
  };
  const bool begins = !word.empty() && word[0] != '.' && word[0] != '+' && word[0] != '-';
  return begins && std::all_of(word.begin(), word.end(), is_inner);
}

bool is_file_name(const std::string& word) { return word.size() <= NAME_MAX && is_file_word(word); }

}  // namespace pressroom
