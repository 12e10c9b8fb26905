// Where the parts of a model lie: its description, its weights, its tokenizer; and the weights
// opened.
//
//   ModelFiles files = find_model("starter");                          // a built-in model
//   ModelFiles files = find_model("/models/pythia-70m");               // a Hugging Face directory
//   ModelFiles files = find_model("SmolLM2.gguf");                     // one file holds all three
//   ModelFiles files = find_model("EleutherAI/pythia-70m@main");       // the local hub cache
//   std::unique_ptr<WeightSource> weights = open_weights(files);
//   weights->contains("model.layers.0.self_attn.q_proj.weight");       // true
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace pressroom {

class WeightSource;

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

// Opens the weights, whatever file format holds them: the GGUF file, the one safetensors file, or
// the shards of the index file. Only headers are read here; what they say is checked in full.
// Throws Error for a missing or torn file and for anything that the formats' own openers refuse.
std::unique_ptr<WeightSource> open_weights(const ModelFiles& files);

}  // namespace pressroom
