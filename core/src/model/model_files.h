// Where the parts of a model lie: its description, its weights, its tokenizer.
//
//   ModelFiles files = find_model("starter");                          // the built-in model
//   ModelFiles files = find_model("/models/pythia-70m");               // a Hugging Face directory
//   ModelFiles files = find_model("SmolLM2.gguf");                     // one file holds all three
//   ModelFiles files = find_model("EleutherAI/pythia-70m@main");       // the local hub cache
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace pressroom {

struct ModelFiles {
  std::string name;                            // as the user wrote it
  std::filesystem::path root;                  // the directory, or the GGUF file
  std::filesystem::path config;                // config.json
  std::vector<std::filesystem::path> weights;  // one, or shards in order of name
  std::filesystem::path shard_index;           // which tensor is in which shard; empty: no shards
  std::filesystem::path tokenizer;             // tokenizer.json

  // All three are one GGUF file.
  bool is_gguf() const { return config == root; }
};

// The files of model `name`. Throws Error when it is none of the above, saying what to get and how;
// or for a directory without weights. Whether the files are whole is found out by who reads them.
ModelFiles find_model(const std::string& name);

// The files of the Hugging Face directory `directory`, as find_model.
ModelFiles model_in(const std::filesystem::path& directory);

}  // namespace pressroom
