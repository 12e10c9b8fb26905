// The keys of a campaign file, declared once: checking, did-you-mean, defaults and the reference
// page all come from this table.
//
//   const ConfigKey& key = config_key("protocol", "context");
//   key.accepts();          // "integer >= 2, or a list of them"
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "pressroom/model_facts.h"
#include "pressroom/parameters.h"

namespace pressroom {

enum class KeyShape {
  kValue,      // one value
  kList,       // one or several, all different
  kPlugins,    // one or several uses of plugins
  kSection,    // a mapping with keys of its own
  kNumbers,    // a mapping from names to numbers
  kOverrides,  // a mapping from names of models to mappings of paths and values
};

struct ConfigKey {
  // "" for the file itself, "protocol", "match", or "methods[]" for a list's items.
  std::string section;
  ParameterSpec spec;  // name, aliases, type and range (of each item in a list), help
  KeyShape shape = KeyShape::kValue;
  std::optional<std::string> default_yaml;  // the value when the key is left out
  bool optional = false;                    // may be left out and then has no value
  std::optional<double> below;              // exclusive maximum

  // "protocol.context"
  std::string path() const;
  // Type and range in words, the list included, and those of one item.
  std::string accepts() const;
  std::string item_accepts() const;
};

// The whole table, in the order in which keys are shown.
const std::vector<ConfigKey>& config_keys();
// The keys of one section, in the same order.
std::vector<const ConfigKey*> config_keys(const std::string& section);
// One key; a name that is not in the table is a bug.
const ConfigKey& config_key(const std::string& section, const std::string& name);

// The value of `positions` by a name that the table lists.
Positions positions_named(const std::string& name);

// Groups of top-level keys, aliases included, of which a campaign has only one.
std::vector<std::vector<std::string>> exclusive_config_keys();

// The table as Markdown: keys, their types, defaults and meaning.
std::string config_reference();

// The names that `outputs` takes, of the files of studies that a campaign can leave beside the
// common ones, in the order in which they are written: "comparison_summary", "press_folders", ...
// They stand here, below both the config that checks them and the report that writes the files.
const std::vector<std::string>& study_outputs();

// At least as many bytes as any one name has of the files and folders that `outputs` make of a cell
// of that dataset and method; 0 where none of them has the labels in its names. A file system takes
// 255.
std::size_t study_name_bytes(const std::vector<std::string>& outputs, const std::string& model,
                             const std::string& dataset, const std::string& method);

}  // namespace pressroom
