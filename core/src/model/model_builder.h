// Puts a model together from a checkpoint, by its description.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/model.h"
#include "model/weight_loader.h"

namespace pressroom {

class ModelBuilder {
 public:
  // `model` has its description; everything is borrowed.
  ModelBuilder(Model& model, WeightLoader& loader)
      : model_(model), description_(model.description_), loader_(loader) {}

  // Asks the loader for every tensor of the model. Throws Error for one that is missing.
  void build();

 private:
  using Parts = std::vector<std::pair<std::string, std::int64_t>>;  // tensor name, rows

  // Names of what the file may hold beside the weights.
  std::vector<std::string> buffers() const;
  LayerWeights layer(std::int64_t index);
  Linear linear(const Parts& parts, std::int64_t columns, bool has_bias);
  Linear qkv(std::int64_t index);
  Linear fused_qkv(const std::string& name);
  Norm norm(const std::string& name);
  at::Tensor head_norm(const std::string& pattern, std::int64_t index);

  Model& model_;
  const ModelDescription& description_;
  WeightLoader& loader_;
};

}  // namespace pressroom
