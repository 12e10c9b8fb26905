#include "golden/golden_use.h"

#include <optional>
#include <utility>

#include "config/host_catalog.h"
#include "config/plugin_use.h"
#include "pressroom/error.h"

namespace pressroom {

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
  return std::move(*read);
}

}  // namespace pressroom
