#include "golden/golden_use.h"

#include <optional>
#include <utility>

#include "config/host_catalog.h"
#include "config/plugin_use.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

// What lies elsewhere does not travel with the plugin: the answers would be others there, or none.
void require_paths_within(const fs::path& project, const PluginInfo& info, const PluginUse& use,
                          const YamlPlace& place) {
  const fs::path folder = fs::weakly_canonical(project);
  for (const ParameterSpec& spec : info.parameters) {
    const auto value = use.values.find(spec.name);
    if (spec.type != ParameterType::kPath || value == use.values.end()) continue;
    const auto& path = std::get<std::string>(value->second);
    if (path.empty()) continue;
    const fs::path within = fs::weakly_canonical(path).lexically_relative(folder);
    if (!within.empty() && *within.begin() != "..") continue;
    throw Error({"golden answers are recorded on a file that does not travel with the plugin",
                 place.text() + ", " + spec.name, "a path in the project's folder", path,
                 "put the file into the project, and name it by a relative path"});
  }
}

}  // namespace

PluginUse golden_use(PluginKind kind, const std::string& name, const YamlNode& parameters,
                     const std::filesystem::path& folder, PluginHost& host) {
  ProblemList problems;
  const std::filesystem::path base = std::filesystem::absolute(folder);
  const ReadContext context{problems, base, base};
  // As a campaign would have it: {name: my_press, n_sink: 2}.
  const std::string key = kind == PluginKind::kDataset ? "reader" : "name";
  YamlNode use;
  use.kind = YamlKind::kMap;
  use.place = parameters.place;
  YamlNode named;
  named.kind = YamlKind::kScalar;
  named.place = parameters.place;
  named.text = name;
  use.entries.push_back({key, parameters.place, std::move(named)});
  for (const YamlEntry& entry : parameters.entries) {
    if (entry.key != key) {
      use.entries.push_back(entry);
      continue;
    }
    problems.add(entry.key_place, "the plugin is named by its source", "its parameters", entry.key,
                 "leave it out");
  }
  HostCatalog catalog(host);
  std::optional<PluginUse> read = PluginUseReader(catalog, context).read_use(use, kind);
  problems.throw_if_any();
  PRESSROOM_ASSERT(read.has_value());
  require_paths_within(base, host.describe(kind, name), *read, parameters.place);
  return std::move(*read);
}

}  // namespace pressroom
