// A KVzap checkpoint as it is published: config.json and model.safetensors under the names of the
// released ones, so that either side reads the other's. Beside them r2.json, how well the scorers
// did on text that was kept apart, and how they were made: README.md for people, recipe.json for
// the trainer (train/kvzap/kvzap_origin.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "train/kvzap/kvzap_fit.h"

namespace pressroom {

struct KvzapCheckpoint {
  std::vector<KvzapModule> modules;  // of each layer
  std::vector<KvzapFit> fits;        // of each layer
  std::int64_t test_rows = 0;
  std::string readme, recipe;
};

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
