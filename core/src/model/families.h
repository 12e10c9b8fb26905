// The model families, one entry each: adding the next one is an entry in families.cpp and a test.
#pragma once

#include <string>
#include <vector>

#include "model/config_file.h"
#include "model/description.h"

namespace pressroom {

struct Family {
  const char* model_type;  // as in config.json
  // Fills in what is the family's own; sizes that all families spell alike are already there.
  void (*describe)(const ConfigFile& config, ModelDescription& model);
};

// Sorted by name.
const std::vector<Family>& families();

}  // namespace pressroom
