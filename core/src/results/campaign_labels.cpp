#include "results/campaign_labels.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

std::string word_in(const Json& map, const char* key) {
  const auto found = map.find(key);
  return found != map.end() && found->is_string() ? found->get<std::string>() : "";
}

// The items of a list, or the one value that stands for a list of one.
std::vector<std::string> words_in(const Json& map, const char* key) {
  const auto found = map.find(key);
  if (found == map.end()) return {};
  if (found->is_string()) return {found->get<std::string>()};
  std::vector<std::string> words;
  for (const Json& item : found->is_array() ? *found : Json::array()) {
    if (item.is_string()) words.push_back(item.get<std::string>());
  }
  return words;
}

// `name_key`: "reader" of datasets, "name" of methods.
std::map<std::string, std::string> groups_in(const Json& config, const char* list,
                                             const char* name_key) {
  std::map<std::string, std::string> groups;
  const auto uses = config.find(list);
  if (uses == config.end() || !uses->is_array()) return groups;
  for (const Json& use : *uses) {
    if (!use.is_object()) continue;
    const std::string group = word_in(use, "group");
    std::string label = word_in(use, "as");
    if (label.empty()) {
      label = word_in(use, name_key);
      label.resize(std::min(label.size(), label.find('@')));  // as results call it: no version
    }
    if (!group.empty() && !label.empty()) groups[label] = group;
  }
  return groups;
}

}  // namespace

bool CampaignLabels::has_tag(const std::string& tag) const {
  return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

CampaignLabels campaign_labels(const Json& config) {
  CampaignLabels labels;
  if (!config.is_object()) return labels;
  labels.name = word_in(config, "name");
  labels.model = word_in(config, "model");
  labels.notes = word_in(config, "notes");
  while (!labels.notes.empty() && labels.notes.back() == '\n') labels.notes.pop_back();
  labels.tags = words_in(config, "tags");
  labels.dataset_groups = groups_in(config, "datasets", "reader");
  labels.method_groups = groups_in(config, "methods", "name");
  return labels;
}

std::string group_of(const std::map<std::string, std::string>& groups, const std::string& label) {
  const auto found = groups.find(label);
  return found == groups.end() ? "" : found->second;
}

std::string short_model_name(const std::string& model) {
  if (model.empty() || model.front() != '/') return model;
  const std::size_t end = model.find_last_not_of('/');
  if (end == std::string::npos) return model;
  const std::size_t begin = model.rfind('/', end) + 1;
  return model.substr(begin, end - begin + 1);
}

}  // namespace pressroom
