#include "scripted_policy.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace pressroom {

at::Tensor ScriptedPolicy::birth_scores(const EntriesView& entries) {
  PressInputs inputs;
  const at::Tensor keys = entries.keys();
  inputs["positions"] = entries.positions().repeat({keys.size(0), 1});
  inputs["heads"] = at::arange(keys.size(0), at::kLong);
  if (press_.takes("keys")) inputs["keys"] = keys;
  if (press_.takes("values")) inputs["values"] = entries.values();
  if (press_.takes("keys_before_rope")) inputs["keys_before_rope"] = entries.keys_before_rope();
  if (press_.takes("hidden")) inputs["hidden"] = entries.attention_input();
  return press_.scores(inputs, layer_);
}

std::vector<at::Tensor> ScriptedPolicy::score_layer(const LayerView& layer) {
  std::vector<const HeadView*> heads;
  for (std::int64_t g = 0; g < layer.kv_heads(); ++g) heads.push_back(&layer.head(g));
  const at::Tensor first = heads[0]->positions();
  const bool alike = std::all_of(heads.begin() + 1, heads.end(), [&](const HeadView* head) {
    return at::equal(head->positions(), first);
  });
  if (alike) return scores(heads).unbind(0);
  std::vector<at::Tensor> all;
  all.reserve(heads.size());
  for (const HeadView* head : heads) all.push_back(scores({head})[0]);
  return all;
}

at::Tensor ScriptedPolicy::scores(const std::vector<const HeadView*>& heads) const {
  const auto stacked = [&](Quantity part) {
    std::vector<at::Tensor> parts;
    parts.reserve(heads.size());
    for (const HeadView* head : heads) parts.push_back(head->tensor(part));
    return at::stack(parts);
  };
  PressInputs inputs;
  inputs["positions"] = stacked(Quantity::kPositions);
  std::vector<std::int64_t> numbers;
  numbers.reserve(heads.size());
  for (const HeadView* head : heads) numbers.push_back(head->kv_head());
  if (press_.takes("heads")) inputs["heads"] = at::tensor(numbers, at::kLong);
  if (press_.takes("keys")) inputs["keys"] = stacked(Quantity::kKeys);
  if (press_.takes("values")) inputs["values"] = stacked(Quantity::kValues);
  if (press_.takes("keys_before_rope")) {
    inputs["keys_before_rope"] = stacked(Quantity::kKeysBeforeRope);
  }
  if (press_.takes("hidden")) inputs["hidden"] = heads[0]->attention_inputs();
  return press_.scores(inputs, layer_);
}

}  // namespace pressroom
