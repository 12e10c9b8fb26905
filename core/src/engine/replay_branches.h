// Replays documents that share a prompt, which goes through the model once for all of them: the
// prompt and what follows it in each document are rows of the same products.
//
//   replay_branches(model, method, setup, settings, documents, control, runs);
//
// Nothing is evicted behind the prompt. Each document goes on from a copy of the caches that the
// prompt left, layer by layer, so no more than one layer of one document is held at a time.
#pragma once

#include <vector>

#include "engine/cache/layer_setup.h"
#include "engine/run.h"

namespace pressroom {

// `documents`, at least one, of which all but the first have the prompt of the first
// (TokenDocument::same_prompt_as_previous); `runs` are theirs, one for each. Everything is
// borrowed; on product_thread_count() threads. Throws Error when the policy does something
// impossible.
void replay_branches(const Model& model, const Method& method, const LayerSetup& setup,
                     const RunSettings& settings,
                     const std::vector<const TokenDocument*>& documents, const RunControl& control,
                     const std::vector<DocumentRun*>& runs);

}  // namespace pressroom
