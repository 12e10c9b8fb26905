// How a campaign's config differs from the one that its directory has, key by key and in words, and
// what that comes to: nothing for the numbers, cells that are run and cells that leave the plan, or
// another campaign.
//
//   const ConfigDifference difference = config_difference(config_json(before, file), now, file);
//   if (!difference.problems.empty()) throw Error(difference.problems);
//   difference.changes[0].text;   // "h2o.recent 0.5 -> 0.3"
//
// Both are frozen configs (frozen_yaml): complete, every default filled in. Methods, datasets and
// metrics are told apart by their labels. One that is used in the same way under another label was
// renamed; so two that swapped their labels were.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "pressroom/error.h"

namespace pressroom {

struct ConfigChange {
  std::string text;  // "h2o.recent 0.5 -> 0.3", "protocol.context 512 added", "label h2o -> heavy"
  std::string method;  // the label of the method that it is of; "" where it is of none
  // Every cell is made from it: a metric, the engine. Amounts, contexts and seeds are other cells.
  bool of_all = false;
};

struct ConfigDifference {
  // What asks for an extension, in the order of the config.
  std::vector<ConfigChange> changes;
  // What no extension can do, each with what to do instead.
  std::vector<Problem> problems;

  bool needs_extension() const { return !changes.empty() || !problems.empty(); }
};

// `file`: where the config of the directory lies, for messages. Keys that say nothing of the
// numbers - notes, tags, columns, outputs and their like - and the order of lists are no
// difference.
ConfigDifference config_difference(const nlohmann::ordered_json& before,
                                   const nlohmann::ordered_json& now, const std::string& file);

// The texts of `changes`.
std::vector<std::string> texts_of(const std::vector<ConfigChange>& changes);

}  // namespace pressroom
