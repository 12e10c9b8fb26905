// Making the policies of a document.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>

#include "engine/run.h"
#include "pressroom/method.h"

namespace pressroom {

class PolicyMaker {
 public:
  // Everything is borrowed. `reconstruction` [L,G,P], where the plan needs it.
  PolicyMaker(const Method& method, const ModelFacts& model, const RunSettings& settings,
              const TokenDocument& document, at::Tensor reconstruction);

  // A fresh policy for `layer`, guarded (engine/eviction/guarded_policy.h); its random numbers come
  // from the seed, the document and the layer. Throws Error when the method throws or makes none.
  std::unique_ptr<Policy> make(std::int64_t layer) const;

 private:
  const Method& method_;
  const std::string& document_id_;
  std::string label_;                // of the method
  std::int64_t watched_layer_ = -1;  // in which policies must not write to views; -1 for none
  PolicyContext context_;
};

}  // namespace pressroom
