#include "report/pivot/pivot_groups.h"

namespace pressroom {
namespace {

std::string text_at(const nlohmann::ordered_json& use, const char* key) {
  const auto found = use.find(key);
  return found != use.end() && found->is_string() ? found->get<std::string>() : "";
}

// The group of a method in config.yaml as JSON; "" for none.
std::string group_in(const nlohmann::ordered_json& config, const std::string& method) {
  const auto methods = config.find("methods");
  if (methods == config.end() || !methods->is_array()) return "";
  for (const auto& use : *methods) {
    if (!use.is_object()) continue;
    const std::string as = text_at(use, "as");
    const std::string name = text_at(use, "name");
    // "my_press@1.2" has the label my_press.
    const std::string label = as.empty() ? name.substr(0, name.find('@')) : as;
    if (label == method) return text_at(use, "group");
  }
  return "";
}

}  // namespace

std::map<std::string, std::string> method_groups(const std::vector<StoredCampaign>& campaigns,
                                                 const MergedCampaigns& merged) {
  std::map<std::string, std::string> groups;
  for (const Origin& origin : merged.origins) {
    const std::string group = group_in(campaigns[origin.campaign].config, origin.method);
    if (!group.empty()) groups[origin.label] = group;
  }
  return groups;
}

}  // namespace pressroom
