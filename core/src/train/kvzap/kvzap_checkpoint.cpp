#include "train/kvzap/kvzap_checkpoint.h"

#include <ATen/ATen.h>

#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/read_file.h"
#include "pressroom/error.h"
#include "train/safetensors_text.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

using Json = nlohmann::ordered_json;

constexpr const char* kRecipe = "recipe.json";
constexpr const char* kQuality = "r2.json";
constexpr const char* kMeanR2 = "mean_r2";

// Tensors one after another as float32.
class Float32Tensors {
 public:
  void add(const std::string& name, const at::Tensor& tensor) {
    const at::Tensor plain = tensor.to(at::kFloat).contiguous();
    const std::size_t begin = data_.size();
    data_.append(static_cast<const char*>(plain.data_ptr()), plain.nbytes());
    header_[name] = {
        {"dtype", "F32"}, {"shape", plain.sizes().vec()}, {"data_offsets", {begin, data_.size()}}};
  }

  std::string file() const { return safetensors_text(header_, data_); }

 private:
  Json header_ = {{"__metadata__", {{"format", "pt"}}}};
  std::string data_;
};

std::string weights(const std::vector<KvzapModule>& modules) {
  Float32Tensors tensors;
  for (std::size_t layer = 0; layer < modules.size(); ++layer) {
    const KvzapModule& module = modules[layer];
    const std::string name = "layers." + std::to_string(layer) + ".";
    const bool is_mlp = module.hidden_weight.defined();
    if (is_mlp) {
      tensors.add(name + "0.weight", module.hidden_weight);
      tensors.add(name + "0.bias", module.hidden_bias);
    }
    tensors.add(name + (is_mlp ? "2.weight" : "weight"), module.weight);
    tensors.add(name + (is_mlp ? "2.bias" : "bias"), module.bias);
  }
  return tensors.file();
}

std::string config(const std::vector<KvzapModule>& modules) {
  const KvzapModule& module = modules.front();
  const bool is_mlp = module.hidden_weight.defined();
  Json json = {{"architectures", {"KVzapModel"}},
               {"model_type", "kvzap"},
               {"input_dim", is_mlp ? module.hidden_weight.size(1) : module.weight.size(1)},
               {"output_dim", module.weight.size(0)},
               {"hidden_dim", nullptr},
               {"n_modules", modules.size()},
               {"torch_dtype", "float32"}};
  if (is_mlp) json["hidden_dim"] = module.hidden_weight.size(0);
  return json.dump(2) + "\n";
}

std::string quality(const KvzapCheckpoint& checkpoint) {
  Json layers = Json::array();
  for (const KvzapFit& fit : checkpoint.fits) {
    layers.push_back({{"r2", fit.r2}, {"determination", fit.determination}});
  }
  const Json json = {
      {kMeanR2, mean_r2(checkpoint.fits)}, {"test_rows", checkpoint.test_rows}, {"layers", layers}};
  return json.dump(2) + "\n";
}

// The recipe alone makes no checkpoint: somebody may have taken files away.
void require_files(const fs::path& directory) {
  for (const char* name : {"config.json", "model.safetensors"}) {
    std::error_code unreadable;
    if (fs::is_regular_file(directory / name, unreadable)) continue;
    throw Error({"a file of the checkpoint is missing", (directory / name).string(),
                 std::string("config.json, model.safetensors and ") + kRecipe, "no such file",
                 "remove the folder, and run the same again"});
  }
}

// Moves what is done to a free name beside the place that it cannot have. Empty: it cannot.
fs::path put_beside(const fs::path& draft, const fs::path& directory) {
  constexpr int kNames = 100;
  for (int i = 1; i <= kNames; ++i) {
    fs::path place = directory;
    place += i == 1 ? ".new" : ".new-" + std::to_string(i);
    std::error_code failed;
    if (fs::exists(fs::symlink_status(place, failed))) continue;
    fs::rename(draft, place, failed);
    return failed ? fs::path() : place;
  }
  return {};
}

}  // namespace

double mean_r2(const std::vector<KvzapFit>& fits) {
  double sum = 0;
  std::size_t heads = 0;
  for (const KvzapFit& fit : fits) {
    for (const double r2 : fit.r2) sum += r2;
    heads += fit.r2.size();
  }
  return heads == 0 ? 0 : sum / static_cast<double>(heads);
}

bool holds_kvzap_checkpoint(const fs::path& directory, const std::string& recipe) {
  std::error_code unreadable;
  const fs::file_status status = fs::symlink_status(directory, unreadable);
  if (status.type() == fs::file_type::not_found) return false;
  const bool is_folder = fs::is_directory(status);
  if (is_folder && fs::is_empty(directory, unreadable) && !unreadable) return false;
  if (is_folder && text_of_file(directory / kRecipe) == recipe) {
    require_files(directory);
    return true;
  }
  const bool is_checkpoint = is_folder && fs::exists(directory / "config.json", unreadable);
  throw Error(
      {is_checkpoint ? "there is a checkpoint already"
                     : "something else is where the checkpoint is to be",
       directory.string(), "nothing yet, or what the same command made",
       is_checkpoint ? "a checkpoint of another training" : "what this command has not made",
       "choose another --out, or remove it"});
}

double stored_mean_r2(const fs::path& directory) {
  const Json json = Json::parse(text_of_file(directory / kQuality), nullptr, false);
  if (json.is_object() && json.contains(kMeanR2) && json[kMeanR2].is_number()) {
    return json[kMeanR2].get<double>();
  }
  throw Error({"how well the scorers did cannot be read", (directory / kQuality).string(),
               std::string("JSON with ") + kMeanR2, "something else",
               "remove the folder, and run the same again"});
}

void write_kvzap_checkpoint(const KvzapCheckpoint& checkpoint, const fs::path& draft,
                            const fs::path& directory) {
  write_file_atomically(draft / "model.safetensors", weights(checkpoint.modules));
  write_file_atomically(draft / kQuality, quality(checkpoint));
  write_file_atomically(draft / "README.md", checkpoint.readme);
  write_file_atomically(draft / kRecipe, checkpoint.recipe);
  write_file_atomically(draft / "config.json", config(checkpoint.modules));
  std::error_code failed;
  fs::rename(draft, directory, failed);
  if (!failed) return sync_folder(directory.parent_path());
  // The draft goes away with the rows, and the fit took long.
  const fs::path place = put_beside(draft, directory);
  throw Error({"the checkpoint cannot be put into its place", directory.string(),
               "nothing there, or an empty folder", failed.message(),
               place.empty() ? "move away what is there, and run the same again"
                             : "move away what is there, and rename " + place.string() +
                                   ", which is the checkpoint, to it"});
}

}  // namespace pressroom
