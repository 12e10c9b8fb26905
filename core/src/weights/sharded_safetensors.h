// A checkpoint in several safetensors files, held together by an index:
//
//   {"weight_map": {"model.norm.weight": "model-00002-of-00002.safetensors", ...}}
//
//   const ShardedSafetensors weights("model.safetensors.index.json");
//   weights.place("model.norm.weight");   // ".../model-00002-of-00002.safetensors:
//   model.norm.weight"
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "weights/safetensors.h"
#include "weights/weight_source.h"

namespace pressroom {

// The shards that `index` names, sorted; they need not exist. Throws Error for a torn index.
std::vector<std::filesystem::path> shards_of(const std::filesystem::path& index);

class ShardedSafetensors : public WeightSource {
 public:
  // Opens every shard that `index` names, beside it. Throws Error for a torn index, for shards that
  // are missing (naming the first and counting them) or named by a path, for a torn shard, for a
  // tensor that is not in the shard that the index says, and for one that two shards hold. A tensor
  // that the index leaves out is there as well: whoever reads the others must know of it.
  explicit ShardedSafetensors(const std::filesystem::path& index);

  bool contains(const std::string& name) const override { return shard_of_.count(name) > 0; }
  std::vector<std::string> names() const override;
  const std::vector<std::int64_t>& shape(const std::string& name) const override;
  void read_rows(const std::string& name, std::int64_t first, std::int64_t count,
                 float* out) const override;
  std::string stored_type(const std::string& name) const override;
  void read_stored_rows(const std::string& name, std::int64_t first, std::int64_t count,
                        void* out) const override;

  // Of a tensor that is not there: the index.
  std::string place(const std::string& name) const override;

 private:
  void check_shards_exist() const;
  void check_index() const;  // against the shards
  void add_unlisted();
  const SafetensorsFile& holder(const std::string& name) const;

  std::filesystem::path index_;
  std::map<std::string, std::string> shard_of_;  // by name of the tensor, of all that there are
  std::map<std::string, std::unique_ptr<SafetensorsFile>> shards_;
};

}  // namespace pressroom
