// `--set a.b=c`: values from the command line written into the tree of the file, before any
// checking, so that both are checked alike and a message names the flag.
//
//   protocol.context=512      a path (config/yaml_path.h) and a value
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "yaml/yaml_tree.h"

namespace pressroom {

// Takes away what the file says of the rivals of the key that `path` begins with: of every group of
// keys in `exclusive` only one can be meant (sparsity, budget or match).
void remove_rivals(YamlNode& root, const std::string& path,
                   const std::vector<std::vector<std::string>>& exclusive);

// Applies `overrides` in their order to `root`, which must be a map. Setting a
// key takes its rivals away. Every path and value that cannot be applied goes to `problems`.
void apply_overrides(YamlNode& root, const std::vector<Override>& overrides,
                     const std::vector<std::vector<std::string>>& exclusive, ProblemList& problems);

}  // namespace pressroom
