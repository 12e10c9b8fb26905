#include "model/open_weights.h"

#include "gguf/gguf_weights.h"
#include "weights/safetensors.h"
#include "weights/sharded_safetensors.h"

namespace pressroom {

std::unique_ptr<WeightSource> open_weights(const ModelFiles& files) {
  if (files.is_gguf()) return open_gguf_weights(files.root);
  if (!files.shard_index.empty()) return std::make_unique<ShardedSafetensors>(files.shard_index);
  return std::make_unique<SafetensorsFile>(files.weights.front());
}

}  // namespace pressroom
