// A KVzap checkpoint as it is published: config.json and model.safetensors under the names of the
// released ones, so that either side reads the other's. Beside them r2.json, how well the scorers
// did on text that was kept apart, and README.md, how they were made.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "train/kvzap_fit.h"

namespace pressroom {

struct KvzapCheckpoint {
  std::vector<KvzapModule> modules;  // of each layer
  std::vector<KvzapFit> fits;        // of each layer
  std::int64_t test_rows = 0;
  std::string readme;
};

double mean_r2(const std::vector<KvzapFit>& fits);

// Throws Error when `directory` holds a checkpoint already.
void check_no_checkpoint(const std::filesystem::path& directory);

// Writes the files into `directory`, config.json last: without it there is no checkpoint, so one is
// there whole or not at all. Throws Error when it cannot.
void write_kvzap_checkpoint(const KvzapCheckpoint& checkpoint,
                            const std::filesystem::path& directory);

}  // namespace pressroom
