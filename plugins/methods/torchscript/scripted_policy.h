// The policy of a method whose scores are those of a scripted module.
#pragma once

#include <cstdint>
#include <vector>

#include "pressroom/method.h"
#include "scripted_press.h"

namespace pressroom {

// Heads of a layer that hold the same entries are scored in one call, others head by head.
class ScriptedPolicy final : public Policy {
 public:
  // `press` outlives this.
  ScriptedPolicy(const ScriptedPress& press, std::int64_t layer) : press_(press), layer_(layer) {}

  at::Tensor birth_scores(const EntriesView& entries) override;
  std::vector<at::Tensor> score_layer(const LayerView& layer) override;

 private:
  at::Tensor scores(const std::vector<const HeadView*>& heads) const;  // [heads,T]

  const ScriptedPress& press_;
  std::int64_t layer_;
};

}  // namespace pressroom
