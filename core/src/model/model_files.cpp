#include "model/model_files.h"

#include <algorithm>
#include <boost/dll/runtime_symbol_info.hpp>
#include <set>

#include "gguf/gguf_model.h"
#include "hub/built_in_models.h"
#include "hub/hub_cache.h"
#include "pressroom/error.h"
#include "weights/safetensors.h"
#include "weights/sharded_safetensors.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

// Beside an installed binary (<prefix>/share/pressroom), else in the source tree of a built one.
std::vector<fs::path> places_of_built_in(const std::string& name) {
  const fs::path bin = fs::path(boost::dll::program_location().string()).parent_path();
  return {bin / PRESSROOM_DATA_INSTALL_DIR / name,
          fs::path(PRESSROOM_SOURCE_DIR) / "datasets" / name};
}

ModelFiles gguf_model(const fs::path& file) {
  return {file.string(), file, file, {file}, {}, file};
}

// The files of `directory` that end in `suffix`, sorted.
std::vector<fs::path> files_ending(const fs::path& directory, const std::string& suffix) {
  std::set<fs::path> files;
  std::error_code unreadable;
  for (const auto& entry : fs::directory_iterator(directory, unreadable)) {
    if (entry.path().extension() == suffix) files.insert(entry.path());
  }
  return {files.begin(), files.end()};
}

constexpr const char* kAdapter = "adapter_model.safetensors";

std::string weights_instead(const fs::path& directory) {
  std::error_code unreadable;
  if (fs::exists(directory / kAdapter, unreadable)) return std::string(kAdapter) + ", an adapter";
  for (const char* suffix : {".bin", ".pth", ".pt", ".h5", ".msgpack", ".onnx"}) {
    const std::vector<fs::path> files = files_ending(directory, suffix);
    if (!files.empty()) return files.front().filename().string();
  }
  return "none of them";
}

std::string fix_for(const fs::path& directory) {
  std::error_code unreadable;
  return fs::exists(directory / kAdapter, unreadable)
             ? "merge it into its base model (merge_and_unload of peft), and save that"
             : "complete the download, or save the model as safetensors";
}

ModelFiles named(ModelFiles files, const std::string& name) {
  files.name = name;
  return files;
}

}  // namespace

ModelFiles model_in(const fs::path& directory) {
  ModelFiles files;
  files.name = directory.string();
  files.root = directory;
  files.config = directory / "config.json";
  files.tokenizer = directory / "tokenizer.json";
  const fs::path index = directory / "model.safetensors.index.json";
  std::error_code unreadable;
  if (fs::exists(directory / "model.safetensors", unreadable)) {
    files.weights = {directory / "model.safetensors"};
  } else if (fs::exists(index, unreadable)) {
    files.weights = shards_of(index);
    files.shard_index = index;
  } else {
    const std::vector<fs::path> gguf = files_ending(directory, ".gguf");
    if (gguf.size() == 1) return gguf_model(gguf.front());
    throw Error(
        {"the model directory has no weights that can be read", directory.string(),
         "model.safetensors, model.safetensors.index.json or one .gguf file",
         gguf.empty() ? weights_instead(directory) : std::to_string(gguf.size()) + " .gguf files",
         gguf.empty() ? fix_for(directory) : "name one of them: " + gguf.front().string()});
  }
  return files;
}

ModelFiles find_model(const std::string& name) {
  if (is_built_in_model(name)) {
    for (const fs::path& place : places_of_built_in(name)) {
      if (fs::exists(place / "config.json")) return named(model_in(place.lexically_normal()), name);
    }
  }
  std::error_code unreadable;
  const fs::file_status status = fs::status(name, unreadable);
  // Before the hub: "models/pythia" has the form of a hub name, too.
  if (fs::is_directory(status)) return named(model_in(name), name);
  if (fs::is_regular_file(status) && fs::path(name).extension() == ".gguf") return gguf_model(name);
  const bool exists = fs::exists(status);
  if (exists || !may_be_hub_name(name)) {
    throw Error({"there is no such model", name,
                 "\"starter\", \"starter-tasks\", a model directory, a .gguf file, or the name of "
                 "a model at the hub",
                 exists                                 ? "a file of another kind"
                 : status.type() == fs::file_type::none ? unreadable.message()
                                                        : "nothing of that name",
                 "check the path"});
  }
  const HubName hub = parse_hub_name(name);
  const std::optional<fs::path> snapshot = find_snapshot(hub);
  if (!snapshot) throw Error(missing_from_cache(hub));
  return named(model_in(*snapshot), name);
}

std::unique_ptr<WeightSource> open_weights(const ModelFiles& files) {
  if (files.is_gguf()) return open_gguf_weights(files.root);
  if (!files.shard_index.empty()) return std::make_unique<ShardedSafetensors>(files.shard_index);
  return std::make_unique<SafetensorsFile>(files.weights.front());
}

}  // namespace pressroom
