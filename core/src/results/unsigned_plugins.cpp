#include "results/unsigned_plugins.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/strings.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

std::string text_in(const Json& plugin, const char* key) {
  const auto found = plugin.find(key);
  return found != plugin.end() && found->is_string() ? found->get<std::string>() : "unknown";
}

// `plugin` as provenance.json has one, with the methods in it.
void add_unsigned(const Json& plugin, const std::string& kind, std::vector<std::string>& found) {
  if (!plugin.is_object()) return;
  const auto origin = plugin.find("origin");
  if (origin != plugin.end() && origin->is_object() && origin->value("unsigned", Json()) == true) {
    found.push_back(kind + ' ' + text_in(plugin, "name") + ' ' + text_in(plugin, "version"));
  }
  const auto inner = plugin.find("inner");
  if (inner == plugin.end() || !inner->is_object()) return;
  for (const Json& each : *inner) add_unsigned(each, "method", found);
}

}  // namespace

std::vector<std::string> unsigned_plugins(const Json& provenance) {
  static constexpr const char* kKinds[][2] = {
      {"methods", "method"}, {"datasets", "dataset"}, {"metrics", "metric"}};
  std::vector<std::string> found;
  if (!provenance.is_object()) return found;
  for (const auto& [list, kind] : kKinds) {
    const auto plugins = provenance.find(list);
    if (plugins == provenance.end() || !plugins->is_object()) continue;
    for (const Json& plugin : *plugins) add_unsigned(plugin, kind, found);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

std::vector<std::string> unsigned_plugins(const PluginsLock& lock) {
  std::vector<std::string> found;
  for (const LockedPlugin& plugin : lock.plugins) {
    if (!plugin.is_unsigned()) continue;
    found.push_back(plugin.kind + ' ' + plugin.name + ' ' + plugin.version);
  }
  return found;
}

std::string unsigned_alert(const std::vector<std::string>& plugins) {
  if (plugins.empty()) return "";
  return "unsigned: " + joined(plugins) + " - nobody vouched for " +
         (plugins.size() == 1 ? "this plugin" : "these plugins");
}

}  // namespace pressroom
