#include "hub/built_in_models.h"

#include <algorithm>

namespace pressroom {

const std::vector<std::string>& built_in_models() {
  static const std::vector<std::string> names = {"starter", "starter-tasks"};
  return names;
}

bool is_built_in_model(const std::string& name) {
  const std::vector<std::string>& names = built_in_models();
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace pressroom
