// Uses of plugins - `h2o`, `my_press@1.2`, `{name: h2o, recent: 48, as: h2o_48}` - checked against
// what the plugins declare, and completed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "config/values.h"

namespace pressroom {

// The baseline that every campaign runs: results are compared with it by this name.
inline constexpr const char* kDenseMethod = "dense";

// The section of the schema that uses of this kind are written in: "methods[]".
std::string plugin_section(PluginKind kind);

// The key in it that says which plugin it is: `reader` of datasets, else `name`.
const ParameterSpec& name_key(PluginKind kind);

class PluginUseReader {
 public:
  // Both are borrowed.
  PluginUseReader(ConfigCatalog& catalog, const ReadContext& context)
      : catalog_(catalog), context_(context) {}

  // The items of a list, or the one use that stands for a list of one. Labels are unique.
  std::vector<PluginUse> read_list(const YamlNode& node, PluginKind kind) const;

  // One use with a value for every declared parameter, inner methods included. Nothing after a
  // problem with its shape or name; a bad parameter leaves the others checked.
  std::optional<PluginUse> read_use(const YamlNode& node, PluginKind kind) const;

 private:
  // A use as written, before its plugin is asked.
  struct Written {
    const YamlNode* map = nullptr;  // nullptr for a bare name
    const YamlNode* name = nullptr;
    PluginKind kind = PluginKind::kMethod;
    PluginUse use;
    std::vector<std::string> misspelt;  // declared names that unknown keys were taken for
  };

  std::optional<PluginUse> read_use(const YamlNode& node, PluginKind kind, bool inner) const;
  std::optional<Written> read_name(const YamlNode& node, PluginKind kind, bool inner) const;
  std::optional<std::string> with_version(const YamlNode* map, const std::string& name,
                                          const YamlNode& name_node) const;
  const PluginInfo* look_up(const Written& written) const;
  void read_label(const YamlNode& map, PluginKind kind, PluginUse& use) const;
  void read_group(const YamlNode& map, PluginKind kind, PluginUse& use) const;
  void read_positions(const YamlNode& map, PluginKind kind, PluginUse& use) const;
  void read_kv_dtype(const YamlNode& map, PluginKind kind, PluginUse& use) const;
  void read_server(const YamlNode& map, PluginKind kind, PluginUse& use) const;
  void read_parameters(const YamlNode& node, const Written& written, const PluginInfo& info,
                       PluginUse& use) const;
  void read_parameter(const ParameterSpec& spec, const YamlNode& node, const Written& written,
                      PluginUse& use) const;

  ConfigCatalog& catalog_;
  const ReadContext& context_;
};

}  // namespace pressroom
