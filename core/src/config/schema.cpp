#include "config/schema.h"

#include <utility>

#include "pressroom/error.h"

namespace pressroom {

std::string ConfigKey::path() const {
  return section.empty() ? spec.name : section + '.' + spec.name;
}

std::string ConfigKey::accepts() const {
  if (shape == KeyShape::kSection) {
    std::string words;
    for (const ConfigKey* key : config_keys(spec.name)) {
      words += (words.empty() ? "mapping with " : ", ") + key->spec.name;
    }
    return words;
  }
  if (shape == KeyShape::kOverrides) return "mapping from names of models to {KEY: VALUE, ...}";
  if (shape == KeyShape::kPlugins) {
    const std::string first = config_keys(spec.name + "[]").front()->spec.name;
    return "list of names, or of {" + first + ": ..., parameters}";
  }
  return item_accepts() + (shape == KeyShape::kList ? ", or a list of them" : "");
}

std::string ConfigKey::item_accepts() const {
  return spec.accepts() + (below ? " and below " + to_string(ParameterValue(*below)) : "");
}

std::vector<const ConfigKey*> config_keys(const std::string& section) {
  std::vector<const ConfigKey*> found;
  for (const ConfigKey& each : config_keys()) {
    if (each.section == section) found.push_back(&each);
  }
  return found;
}

const ConfigKey& config_key(const std::string& section, const std::string& name) {
  for (const ConfigKey& each : config_keys()) {
    if (each.section == section && each.spec.name == name) return each;
  }
  assertion_failed(("key \"" + name + "\" in the schema").c_str(), __FILE__, __LINE__);
}

Positions positions_named(const std::string& name) {
  const bool original = name == to_string(Positions::kOriginal);
  return original ? Positions::kOriginal : Positions::kCacheIndex;
}

std::vector<std::vector<std::string>> exclusive_config_keys() {
  std::vector<std::string> amount = {"budget", "match", "sparsity"};
  for (const std::string& alias : config_key("", "sparsity").spec.aliases) amount.push_back(alias);
  return {std::move(amount)};
}

}  // namespace pressroom
