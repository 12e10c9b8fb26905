// The models that come with Pressroom: names that stand for no folder and for no model of the hub.
//
//   is_built_in_model("starter");                      // true
//   closest_match("startr", built_in_models());        // "starter"
//
// datasets/starter and datasets/starter-tasks tell what each was trained on. Whether one is
// installed is found out by find_model (model/model_files.h).
#pragma once

#include <string>
#include <vector>

namespace pressroom {

// The usual one first.
const std::vector<std::string>& built_in_models();

bool is_built_in_model(const std::string& name);

}  // namespace pressroom
