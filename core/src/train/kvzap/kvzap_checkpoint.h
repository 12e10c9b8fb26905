// A KVzap checkpoint as it is published: config.json and model.safetensors under the names of the
// released ones, so that either side reads the other's. Beside them r2.json, how well the scorers
// did on text that was kept apart, and what they were made from: README.md for people, recipe.json
// for the trainer, which recognises what the same command has made already.
//
//   checkpoint.recipe = kvzap_recipe(origin, options, KvzapKind::kLinear);
//   if (!holds_kvzap_checkpoint(directory, checkpoint.recipe)) ...
//   write_kvzap_checkpoint(checkpoint, draft, directory);
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "campaign/provenance.h"
#include "train/kvzap/kvzap_data.h"
#include "train/kvzap/kvzap_fit.h"
#include "train/kvzap/kvzap_trainer.h"

namespace pressroom {

struct KvzapCheckpoint {
  std::vector<KvzapModule> modules;  // of each layer
  std::vector<KvzapFit> fits;        // of each layer
  std::int64_t test_rows = 0;
  std::string readme, recipe;
};

// What a checkpoint was made from.
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

double mean_r2(const std::vector<KvzapFit>& fits);

// Whether `directory` is a whole checkpoint that was made from `recipe`; false when nothing is
// there, or an empty folder. Throws Error when there is anything else: it is not to be touched.
bool holds_kvzap_checkpoint(const std::filesystem::path& directory, const std::string& recipe);

// The mean R2 of the checkpoint in `directory`. Throws Error when it cannot be read.
double stored_mean_r2(const std::filesystem::path& directory);

// Writes the files into the new folder `draft` and makes that `directory`, so that a checkpoint is
// there whole or not at all. Both are on one disk. Throws Error when it cannot, or when something
// is in the place by now: then the checkpoint is beside it, and the error says where.
void write_kvzap_checkpoint(const KvzapCheckpoint& checkpoint, const std::filesystem::path& draft,
                            const std::filesystem::path& directory);

}  // namespace pressroom
