// What makes a saved cache what it is: a sequence goes on from it only where all of this is the
// same.
//
//   const SavedSequenceOrigin origin = origin_of(files, use, method, host);
//   made_from(origin, sequence).dump();   // {"pressroom": "0.1.0", "method": "h2o", ...}
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "campaign/provenance.h"
#include "config/config.h"
#include "engine/sequence.h"
#include "model/model_files.h"

namespace pressroom {

// What a sequence does not know of itself.
struct SavedSequenceOrigin {
  ModelHashes model;
  std::string method;                            // as inline YAML, every parameter with its value
  std::string method_version;                    // of its plugin
  std::string method_sha256;                     // of its file and parameters
  std::vector<std::string> method_files_sha256;  // of the files that it has read for this model
};

// Reads the model's files from end to end, which takes seconds where they are large. `method` is
// bound to the model. Throws Error where a file cannot be read.
SavedSequenceOrigin origin_of(const ModelFiles& files, const PluginUse& use, const Method& method,
                              const PluginHost& host);

// All of it by name, each a text or null, with what `sequence` was told: dtypes, budget (where the
// method takes one), positions, what is evicted after the prompt, and the random numbers of its
// policies where those may be asked after the prompt.
nlohmann::ordered_json made_from(const SavedSequenceOrigin& origin, const Sequence& sequence);

}  // namespace pressroom
