// What a campaign file says for one model only, written into the tree of the file before the flags.
//
//   when_model:
//     starter:                      # with `model: starter`, or --model starter
//       protocol.context: 512       # a path (config/yaml_path.h) and its value
//       datasets: [{reader: text, path: books}]
//
// The order is file, block of the model, flags. Places and relative paths in a block are those of
// the file.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "yaml/yaml_tree.h"

namespace pressroom {

// Applies the block of the model that `root`, a map, and `flags` amount to, and takes `when_model`
// out of the tree. A key set in the block takes its rivals in the file away (`exclusive`, see
// yaml_override.h). Blocks of other models are checked for their shape and for paths that lead
// nowhere.
void apply_when_model(YamlNode& root, const std::vector<Override>& flags,
                      const std::vector<std::vector<std::string>>& exclusive,
                      ProblemList& problems);

}  // namespace pressroom
