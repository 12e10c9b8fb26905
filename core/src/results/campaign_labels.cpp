#include "results/campaign_labels.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "results/config_values.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

std::map<std::string, std::string> groups_in(const Json& config, const char* list) {
  std::map<std::string, std::string> groups;
  for (const Json& use : items_in(config, list)) {
    const std::string group = word_in(use, "group");
    const std::string label = label_of_use(use);
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
  labels.name = word_in(config, "name");
  labels.model = word_in(config, "model");
  labels.notes = word_in(config, "notes");
  while (!labels.notes.empty() && labels.notes.back() == '\n') labels.notes.pop_back();
  labels.tags = words_in(config, "tags");
  labels.dataset_groups = groups_in(config, "datasets");
  labels.method_groups = groups_in(config, "methods");
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
