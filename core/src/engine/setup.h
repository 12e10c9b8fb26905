// What both engines prepare before a run: rotations for the positions that it uses, what its layers
// have in common, what a second reading says, and the policies of each document.
//
//   const RotaryTable rotary = rotary_for(model, settings, documents);
//   const LayerSetup setup = layer_setup(model, settings, documents, rotary);
//   const PolicyMaker policies(method, setup.model, settings, document,
//                              reconstruction_for(model, settings, document));
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/cache/layer_setup.h"
#include "engine/run.h"
#include "pressroom/error.h"
#include "pressroom/method.h"

namespace pressroom {

// Rotations for sequences of up to `tokens` tokens. Throws Error where the model cannot run them.
RotaryTable rotary_for(const Model& model, std::int64_t tokens);

// Rotations for the longest of `documents`. Throws Error for documents that the model cannot run.
RotaryTable rotary_for(const Model& model, const RunSettings& settings,
                       const std::vector<TokenDocument>& documents);

// `tokens`: of the longest sequence. `rotary` is borrowed.
LayerSetup layer_setup(const Model& model, const RunSettings& settings, std::int64_t tokens,
                       const RotaryTable& rotary);
LayerSetup layer_setup(const Model& model, const RunSettings& settings,
                       const std::vector<TokenDocument>& documents, const RotaryTable& rotary);

// The scores of the second reading of the document's prompt that the plan asks for, [L,G,P];
// undefined where it asks for none.
at::Tensor reconstruction_for(const Model& model, const RunSettings& settings,
                              const TokenDocument& document);

// `problems`, with the document's id before the place of each.
std::vector<Problem> in_document(std::vector<Problem> problems, const std::string& id);

// Entries that a head can come to hold while `tokens` tokens pass under `settings`, those of the
// step that is fed included.
std::int64_t most_entries(const RunSettings& settings, std::int64_t tokens);

// Positions that rotation sees: with original positions as many as a window has tokens, with
// positions in the cache as many as a head can hold.
std::int64_t positions_used(const RunSettings& settings, std::int64_t tokens);

// Throws Error when a run uses more positions than the model was made for, unless that is allowed.
// `what` names the run in the message, and `key` what the user would allow it by.
void check_positions(const ModelFacts& model, const RunSettings& settings, std::int64_t tokens,
                     bool is_allowed, const std::string& what, const std::string& key);

// Makes the policies of a document.
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
