// What is written over the tree of a campaign file before any checking, so that all is checked
// alike and a message names the place it came from: the block of the campaign's model, then flags.
//
//   when_model:
//     starter:                      # with `model: starter`, or --model starter
//       protocol.context: 512       # a path and its value, as --set protocol.context=512
//       datasets: [{reader: text, path: books}]
//
// A path leads into the tree:
//
//   protocol.context          a key, made when it is missing
//   methods.1.recent          an item of a list by its index from 0; `h2o` becomes {name: h2o, ..}
//   methods.h2o.recent        the same by name or label
//   seeds.2                   the index after the last one appends
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "yaml/yaml_tree.h"

namespace pressroom {

// "methods.h2o.recent" as {"methods", "h2o", "recent"}; at least one step, any of them may be "".
std::vector<std::string> path_steps(const std::string& path);

// The node that `path` leads to from `root`, a map. What is missing on the way is made, `place`
// being where it was written. nullptr when the path leads nowhere: why is a problem at `place`.
//
//   YamlNode* node = node_at(root, "methods.h2o.recent", place, problems);
//   if (node != nullptr) *node = value;
YamlNode* node_at(YamlNode& root, const std::string& path, const YamlPlace& place,
                  ProblemList& problems);

// Takes away what the file says of the rivals of the key that `path` begins with: of every group of
// keys in `exclusive` only one can be meant (sparsity, budget or match).
void remove_rivals(YamlNode& root, const std::string& path,
                   const std::vector<std::vector<std::string>>& exclusive);

// Applies the block of the model that `root`, a map, and `flags` amount to, and takes `when_model`
// out of the tree. A key set in the block takes its rivals in the file away. Places and relative
// paths in a block are those of the file. Blocks of other models are checked for their shape and
// for paths that lead nowhere.
void apply_when_model(YamlNode& root, const std::vector<Override>& flags,
                      const std::vector<std::vector<std::string>>& exclusive,
                      ProblemList& problems);

// Applies `overrides`, the flags, in their order to `root`, which must be a map. Setting a key
// takes its rivals away. Every path and value that cannot be applied goes to `problems`.
void apply_overrides(YamlNode& root, const std::vector<Override>& overrides,
                     const std::vector<std::vector<std::string>>& exclusive, ProblemList& problems);

}  // namespace pressroom
