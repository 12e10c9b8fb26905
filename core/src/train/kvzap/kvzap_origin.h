// What a KVzap checkpoint was made from: for the program, which recognises what the same command
// has made already, and for people.
#pragma once

#include <string>

#include "campaign/provenance.h"
#include "train/kvzap/kvzap_checkpoint.h"
#include "train/kvzap/kvzap_data.h"
#include "train/kvzap/kvzap_trainer.h"

namespace pressroom {

struct KvzapOrigin {
  std::string model;   // its name
  ModelHashes hashes;  // of its files
  std::vector<PluginUse> datasets;
  std::int64_t context_tokens = 0;
  KvzapWindows windows;
};

// recipe.json: everything that the scorers of `kind` depend on, the program apart.
std::string kvzap_recipe(const KvzapOrigin& origin, const TrainKvzapOptions& options,
                         KvzapKind kind);

// README.md.
std::string kvzap_readme(const KvzapOrigin& origin, const TrainKvzapOptions& options,
                         KvzapKind kind, const KvzapCheckpoint& checkpoint);

}  // namespace pressroom
