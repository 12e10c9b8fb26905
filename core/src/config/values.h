// Values of a config checked against their declarations, the campaign's own keys and the
// parameters of plugins alike.
//
//   const auto value = read_value("\"n_sink\" of h2o", spec, node, context);
//   if (value) use(*value);  // else the problem is in context.problems
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pressroom/parameters.h"
#include "yaml/yaml_tree.h"

namespace pressroom {

// What reading needs besides the node. `problems` is borrowed.
struct ReadContext {
  ProblemList& problems;
  std::filesystem::path file_folder;  // relative paths in the file start here ...
  std::filesystem::path flag_folder;  // ... and those on the command line here; both absolute

  // `path` as an absolute, normalised path, relative to the folder that `place` calls for.
  std::string resolved(const std::string& path, const YamlPlace& place) const;
};

// Where a user finds what may stand in a campaign, or what the plugin `name` takes: the last advice
// of a message that has no better one.
inline constexpr const char* kCampaignManual = "see what there is: pressroom show config";
std::string manual_of_plugin(const std::string& name);

// The value of `node` for `spec`, of any type but kMethod. A scalar serves where a list is
// declared. Nothing after a problem, which begins with `subject`, says what was `expected` - what
// `spec` accepts, unless the caller knows better - and at least names the `manual`.
std::optional<ParameterValue> read_value(const std::string& subject, const ParameterSpec& spec,
                                         const YamlNode& node, const ReadContext& context,
                                         const std::string& expected = "",
                                         const std::string& manual = kCampaignManual);

// The items of a list, or the one node that stands for a list of one.
std::vector<const YamlNode*> items_of(const YamlNode& node);

// The label of a method that is given none: two dtypes of it are two rows, so the dtype stands in
// it. `kv_dtype` is "" where the use does not say.
//
//   usual_label("h2o", "q8")  ->  "h2o_q8"
std::string usual_label(const std::string& plain_name, const std::string& kv_dtype);

// The label that an item of a list of plugins goes by; "" when it has no name.
std::string item_name(const YamlNode& item);

// The entry of `map` under the name of `spec` or one of its aliases; nullptr when there is none.
// Several of them are a problem and the first counts.
const YamlEntry* find_declared(const YamlNode& map, const ParameterSpec& spec,
                               ProblemList& problems);

// A problem for every key of `map` that none of `specs` declares: "unknown key ... of `owner`".
// `elsewhere` names keys that belong to another place and says which: for a better fix; `manual`
// says where the known ones are listed, for keys that are near none of them. Returns the declared
// names that were suggested: whoever misspelt a key does not also hear that it is missing.
std::vector<std::string> refuse_unknown_keys(
    const YamlNode& map, const std::vector<const ParameterSpec*>& specs, const std::string& owner,
    const std::vector<std::pair<std::string, std::string>>& elsewhere, ProblemList& problems,
    const std::string& manual = kCampaignManual);

// Whether `word` can be part of the name of a file: letters, digits, and inside _ . + -. What that
// is, in words.
bool is_file_word(const std::string& word);
inline constexpr const char* kFileWord =
    "letters, digits and _ . + - only, a letter or digit first";

// Whether it can be the whole name, and is no longer than a file system takes.
bool is_file_name(const std::string& word);
inline constexpr const char* kFileName =
    "letters, digits and _ . + - only, a letter or digit first, at most 255 of them";

}  // namespace pressroom
