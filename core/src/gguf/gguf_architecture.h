// The architectures that are read out of GGUF files, and what tells them apart there.
//
//   const GgufArchitecture& architecture = architecture_of(file);
//   architecture.name;                                                    // "llama"
//   published_name("blk.3.attn_q.weight");    // "model.layers.3.self_attn.q_proj.weight"
#pragma once

#include <cstdint>
#include <string>

#include "gguf/gguf_file.h"

namespace pressroom {

struct GgufArchitecture {
  const char* name;  // as "general.architecture" and as model_type of a config.json
  // Rotated pairs of channels lie side by side in the rows of q and k, not half a head apart.
  bool interleaved;
};

// Throws Error for a file that is no model, saying what it is (an adapter, the weights of a
// projector, an importance matrix); for an architecture that is not known, naming the known ones
// and the key that decides; for one file of several; and for a mixture of experts.
const GgufArchitecture& architecture_of(const GgufFile& file);

// The whole number that the file gives for `key` of the architecture `name`: one for all layers, or
// an array of one for each. Throws Error for layers that differ: there is one description of them.
std::int64_t integer_of_layers(const GgufFile& file, const std::string& name,
                               const std::string& key);

// What the file says of attention heads, for the architecture `name` of it. Throws Error for counts
// and sizes that fit no model.
struct GgufHeads {
  std::int64_t query_heads = 0;
  std::int64_t kv_heads = 0;
  std::int64_t head_dim = 0;
  std::int64_t rotated = 0;  // the first so many channels of a head; the rest is not
};
GgufHeads heads_of(const GgufFile& file, const std::string& name);

// The Hugging Face name of the tensor that GGUF files call `name`; `name` itself for others.
std::string published_name(const std::string& name);

}  // namespace pressroom
