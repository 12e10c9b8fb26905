// Paths into the tree of a config.
//
//   protocol.context          a key, made when it is missing
//   methods.1.recent          an item of a list by its index from 0; `h2o` becomes {name: h2o, ..}
//   methods.h2o.recent        the same by name or label
//   seeds.2                   the index after the last one appends
//
//   YamlNode* node = node_at(root, "methods.h2o.recent", place, problems);
//   if (node != nullptr) *node = value;
#pragma once

#include <string>
#include <vector>

#include "yaml/yaml_tree.h"

namespace pressroom {

// "methods.h2o.recent" as {"methods", "h2o", "recent"}; at least one step, any of them may be "".
std::vector<std::string> path_steps(const std::string& path);

// The node that `path` leads to from `root`, a map. What is missing on the way is made, `place`
// being where it was written. nullptr when the path leads nowhere: why is a problem at `place`.
YamlNode* node_at(YamlNode& root, const std::string& path, const YamlPlace& place,
                  ProblemList& problems);

}  // namespace pressroom
