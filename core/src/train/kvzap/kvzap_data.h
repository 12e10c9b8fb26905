// The text that KVzap's scorers learn from: a YAML file that names readers, as a campaign does.
//
//   datasets:
//     - {reader: text, path: ../texts/train}
//   context: 1000        # tokens of a window; 1000 when left out
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "config/config.h"
#include "engine/run.h"
#include "plugin/host.h"
#include "tokenizer/tokenizer.h"

namespace pressroom {

struct KvzapDataConfig {
  std::vector<PluginUse> datasets;
  std::int64_t context_tokens = 1000;
};

// Throws Error with every problem found.
KvzapDataConfig load_kvzap_data(const std::filesystem::path& file, PluginHost& host);

// Windows in three parts, none of which shares a token with another.
struct KvzapWindows {
  std::vector<TokenDocument> all;  // tests first, then validations, then those learned from
  std::int64_t tests = 0;          // a twentieth, at least 2: nothing is decided by them
  std::int64_t validations = 0;    // a twentieth, at least 1: they say when to stop

  // Of the first `count` windows, when at most `most` tokens of each are learned from.
  std::int64_t row_count(std::int64_t count, std::int64_t most) const;
};

// About `tokens` tokens, the same number of windows from each dataset, drawn as a campaign draws
// them (campaign/sampling.h); which part a window is in is drawn by the seed and its id. Throws
// Error for a dataset that has not enough, and for fewer than 6 windows.
KvzapWindows draw_kvzap_windows(const KvzapDataConfig& config, std::int64_t tokens,
                                std::uint64_t seed, const Tokenizer& tokenizer, PluginHost& host);

}  // namespace pressroom
