// What both engines prepare before a run.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "engine/cache/layer_setup.h"
#include "engine/run.h"
#include "pressroom/error.h"

namespace pressroom {

// Rotations for the longest of `documents`. Throws Error for documents that the model cannot run.
RotaryTable rotary_for(const Model& model, const RunSettings& settings,
                       const std::vector<TokenDocument>& documents);

// `rotary` is borrowed.
LayerSetup layer_setup(const Model& model, const RunSettings& settings,
                       const std::vector<TokenDocument>& documents, const RotaryTable& rotary);

// The scores of the second reading of the document's prompt that the plan asks for, [L,G,P];
// undefined where it asks for none.
at::Tensor reconstruction_for(const Model& model, const RunSettings& settings,
                              const TokenDocument& document);

// `problems`, with the document's id before the place of each.
std::vector<Problem> in_document(std::vector<Problem> problems, const std::string& id);

}  // namespace pressroom
