// What is fuzzed: the readers of everything that comes from outside, each with whole inputs to
// damage.
//
//   for (const FuzzTarget& target : fuzz_targets(source_dir, plugin_dir, scratch)) {
//     target.read(damaged(target.seeds[0]));   // returns, or throws Error
//   }
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace pressroom {

struct FuzzTarget {
  // "yaml", "safetensors", "gguf", "tokenizer", "config", "cell", "trace", "plugin", "bundle",
  // "bundle_manifest", "golden", "repository_index", "known_repositories", and those of
  // install_targets.h
  std::string name;
  std::vector<std::string> seeds;  // whole inputs, as bytes
  bool is_text = false;            // lines and values can be exchanged, too
  // Reads one input to its end. It may return or throw Error with something to do in every problem;
  // anything else is a fault.
  std::function<void(const std::string& bytes)> read;
};

// `source` is the source tree, whose configs and goldens are seeds; `plugins` the folder of the
// built plugins; what a reader can only take from a disk is written below `scratch`.
std::vector<FuzzTarget> fuzz_targets(const std::filesystem::path& source,
                                     const std::filesystem::path& plugins,
                                     const std::filesystem::path& scratch);

}  // namespace pressroom
