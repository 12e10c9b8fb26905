// The model that golden answers are about, and the documents that are made for it.
//
//   const StarterModel starter = find_starter_model();
//   starter.hashes.weights;                          // recorded: answers are of this very model
//   const std::unique_ptr<Model> model = load_starter_model(starter);
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "campaign/provenance.h"
#include "engine/run.h"
#include "model/description.h"
#include "model/model.h"
#include "model/model_files.h"

namespace pressroom {

inline constexpr std::int64_t kGoldenDocumentTokens = 256;  // of a document

struct StarterModel {
  ModelFiles files;
  ModelDescription description;
  ModelHashes hashes;
};

// Throws Error, which says how to get it, where `name` is not there or not whole.
StarterModel find_starter_model(const std::string& name = "starter");

std::unique_ptr<Model> load_starter_model(const StarterModel& starter);

// kGoldenDocumentTokens ids, drawn from a key that no setting changes: text would be that of a
// tokenizer, and fewer entries of it would be worth keeping.
TokenDocument golden_document(const ModelFacts& facts);

}  // namespace pressroom
