// Reads one section of a campaign - the file itself, `protocol` or `match` - by the schema; and the
// parts of a campaign that have rules of their own.
//
//   SectionReader section(root, "", context);        // refuses keys the schema does not have
//   config.threads = section.value<std::int64_t>("threads");
//   read_amount(root, section, context, config);     // sparsity, budget or match
#pragma once

#include <deque>
#include <string>
#include <variant>
#include <vector>

#include "config/config.h"
#include "config/schema.h"
#include "config/values.h"

namespace pressroom {

class SectionReader {
 public:
  // All three are borrowed; `map` is a map.
  SectionReader(const YamlNode& map, std::string section, const ReadContext& context);

  // What stands under `key`, or its default; nullptr when there is neither, which is a problem
  // unless the key is optional. Stays valid as long as the reader.
  const YamlNode* node(const std::string& key);

  // What the schema says of `name` in this section.
  const ConfigKey& declared(const std::string& name) const { return config_key(section_, name); }

  // Whether a key that the schema does not have was taken for this one.
  bool is_misspelt(const std::string& key) const;

  // The value of a key whose declared type is held as T; T() when there is none.
  template <typename T>
  T value(const std::string& key) {
    const std::vector<T> values = list<T>(key);
    return values.empty() ? T() : values.front();
  }

  // The values of a key, a list or one; empty when there are none.
  template <typename T>
  std::vector<T> list(const std::string& key) {
    std::vector<T> values;
    for (const ParameterValue& value : read(key)) values.push_back(std::get<T>(value));
    return values;
  }

 private:
  std::vector<ParameterValue> read(const std::string& key);
  std::optional<ParameterValue> read_item(const ConfigKey& key, const YamlNode& node,
                                          const std::string& expected);

  const YamlNode& map_;
  std::string section_;
  const ReadContext& context_;
  std::vector<std::string> misspelt_;
  std::deque<YamlNode> defaults_;  // a deque: nodes stay where they are
};

// The mapping under `key` of `top`, to be read by a SectionReader; nullptr where there is none.
// What is no mapping is a problem in `context`, with `advice`, and none.
const YamlNode* mapping_under(SectionReader& top, const std::string& key, const std::string& advice,
                              const ReadContext& context);

// The protocol that `map`, read by `section`, describes. Settings of another kind, and missing
// ones, are problems in `context`.
Protocol read_protocol(SectionReader& section, const YamlNode& map, const ReadContext& context);

// The constraints of a server that `map`, of the schema's `section`, gives. Messages are about
// those of `owner`, a method, or of the section itself where that is "".
ConstraintChoice read_constraints(const YamlNode& map, const std::string& section,
                                  const std::string& owner, const ReadContext& context);

// What is said of the campaign, and where plugins are looked for: the keys that no result depends
// on. Methods of `config` are read already; labels of others, and a margin that is no number above
// zero, are problems in `context`.
void read_description(SectionReader& top, const ReadContext& context, CampaignConfig& config);

// How much a campaign evicts: `sparsity`, `budget` or `match`. Reads the one of the three that
// `root`, read by `top`, gives into `config`, whose methods are read already. None and several are
// problems in `context`; none will do where nothing is evicted.
void read_amount(const YamlNode& root, SectionReader& top, const ReadContext& context,
                 CampaignConfig& config);

}  // namespace pressroom
