// What became of the uses of plugins in a list of a config: which were added, removed, renamed or
// given other parameters.
//
//   for (const UseChange& change : use_changes(before.at("methods"), now.at("methods"), "name")) {
//     change.text;    // "h2o.recent 0.5 -> 0.3", "methods: snapkv added", "label h2o -> heavy"
//   }
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace pressroom {

struct UseChange {
  std::string label;  // the present one; of a removed use the one it had
  std::string text;
  bool is_new_label = false;  // and nothing else
};

// `key`: of the list in the config, "methods", "datasets" or "metrics". Both lists are of mappings
// as to_yaml() writes them. A group says nothing of the numbers, and neither does the order.
std::vector<UseChange> use_changes(const nlohmann::ordered_json& before,
                                   const nlohmann::ordered_json& now, const std::string& key);

// A value as a config has it, on one line: 0.5, "[1, 2]", "{kind: stream}"; "nothing" for none.
std::string value_text(const nlohmann::ordered_json& value);

}  // namespace pressroom
