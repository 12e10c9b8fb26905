#include "weights/sharded_safetensors.h"

#include <nlohmann/json.hpp>
#include <set>

#include "pressroom/error.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char* kTorn = "not an index of safetensors files";
constexpr const char* kFromOneRevision =
    "download the index and the shards again, from one revision";

[[noreturn]] void torn(const fs::path& index, const std::string& expected, const std::string& got) {
  throw Error({kTorn, index.string(), expected, got, "copy or download the file again"});
}

// Shards lie beside the index. A path could lead anywhere.
bool is_plain_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find_first_of("/\\") == name.npos &&
         name.find('\0') == name.npos;
}

std::map<std::string, std::string> read_weight_map(const fs::path& index) {
  const MappedFile file(index, "the index of the weights");
  const Json json = parse_unique_json(file.bytes(), index, "index", kTorn);
  const bool has_map = json.is_object() && json.contains("weight_map");
  if (!has_map || !json["weight_map"].is_object() || json["weight_map"].empty()) {
    torn(index, "\"weight_map\", a table of tensors and their files",
         has_map ? excerpt(json["weight_map"].dump()) : "none");
  }
  std::map<std::string, std::string> shard_of;
  for (const auto& [name, shard] : json["weight_map"].items()) {
    if (!shard.is_string() || !is_plain_name(shard.get<std::string>())) {
      torn(index, "a file beside the index for " + in_quotes(name), excerpt(shard.dump()));
    }
    shard_of[name] = shard.get<std::string>();
  }
  return shard_of;
}

}  // namespace

std::vector<fs::path> shards_of(const fs::path& index) {
  std::set<fs::path> shards;
  for (const auto& tensor : read_weight_map(index)) {
    shards.insert(index.parent_path() / tensor.second);
  }
  return {shards.begin(), shards.end()};
}

ShardedSafetensors::ShardedSafetensors(const fs::path& index)
    : index_(index), shard_of_(read_weight_map(index)) {
  for (const auto& tensor : shard_of_) shards_[tensor.second] = nullptr;
  // Before any is opened, so that the message counts all that are missing.
  check_shards_exist();
  for (auto& [name, shard] : shards_) {
    shard = std::make_unique<SafetensorsFile>(index_.parent_path() / name);
  }
  check_index();
  add_unlisted();
}

void ShardedSafetensors::check_index() const {
  for (const auto& [name, shard] : shard_of_) {
    if (shards_.at(shard)->contains(name)) continue;
    throw Error({"a shard lacks a tensor", (index_.parent_path() / shard).string(),
                 in_quotes(name) + ", as " + index_.filename().string() + " says", "no such tensor",
                 kFromOneRevision});
  }
}

void ShardedSafetensors::add_unlisted() {
  for (const auto& [shard, file] : shards_) {
    for (const std::string& name : file->names()) {
      // As from a single file: a tensor that the index leaves out is there, for whoever looks for
      // weights that the model does not use.
      const std::string& holder = shard_of_.emplace(name, shard).first->second;
      if (holder == shard) continue;
      throw Error({"two shards hold one tensor", file->place(name), "each tensor in one file",
                   "another " + in_quotes(name) + " in " + excerpt(holder), kFromOneRevision});
    }
  }
}

void ShardedSafetensors::check_shards_exist() const {
  std::vector<std::string> missing;
  for (const auto& shard : shards_) {
    if (!fs::exists(index_.parent_path() / shard.first)) missing.push_back(shard.first);
  }
  if (missing.empty()) return;
  throw Error(
      {"a shard of the weights is missing", (index_.parent_path() / missing[0]).string(),
       std::to_string(shards_.size()) + " files, as " + index_.filename().string() + " says",
       std::to_string(missing.size()) + " of them missing",
       "download the model again, all files of it"});
}

const SafetensorsFile& ShardedSafetensors::holder(const std::string& name) const {
  const auto found = shard_of_.find(name);
  if (found == shard_of_.end()) missing_tensor(*this, name);
  return *shards_.at(found->second);
}

std::vector<std::string> ShardedSafetensors::names() const {
  std::vector<std::string> names;
  for (const auto& tensor : shard_of_) names.push_back(tensor.first);
  return names;
}

const std::vector<std::int64_t>& ShardedSafetensors::shape(const std::string& name) const {
  return holder(name).shape(name);
}

void ShardedSafetensors::read_rows(const std::string& name, std::int64_t first, std::int64_t count,
                                   float* out) const {
  holder(name).read_rows(name, first, count, out);
}

std::string ShardedSafetensors::stored_type(const std::string& name) const {
  return holder(name).stored_type(name);
}

void ShardedSafetensors::read_stored_rows(const std::string& name, std::int64_t first,
                                          std::int64_t count, void* out) const {
  holder(name).read_stored_rows(name, first, count, out);
}

std::string ShardedSafetensors::place(const std::string& name) const {
  return contains(name) ? holder(name).place(name) : index_.string();
}

}  // namespace pressroom
