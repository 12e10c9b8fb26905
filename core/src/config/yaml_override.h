// `--set a.b=c`: values from the command line written into the tree of the file, before any
// checking, so that both are checked alike and a message names the flag.
//
//   protocol.context=512        a key, made when it is missing
//   methods.1.recent=0.3        an item of a list by its index from 0; `h2o` becomes {name: h2o,
//   ..} methods.h2o.recent=0.3      the same by name or label seeds.2=44                  the index
//   after the last one appends
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "config/yaml_tree.h"

namespace pressroom {

// Applies `overrides` in their order to `root`, which must be a map. Of every group of keys in
// `exclusive` only one can be meant (sparsity or budget): setting one takes away what the *file*
// says of the others. Every path and value that cannot be applied goes to `problems`.
void apply_overrides(YamlNode& root, const std::vector<Override>& overrides,
                     const std::vector<std::vector<std::string>>& exclusive, ProblemList& problems);

}  // namespace pressroom
