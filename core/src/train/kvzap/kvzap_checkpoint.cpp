#include "train/kvzap/kvzap_checkpoint.h"

#include <ATen/ATen.h>

#include <nlohmann/json.hpp>

#include "base/number_text.h"
#include "base/sha256.h"
#include "base/whole_file.h"
#include "pressroom/error.h"
#include "weights/safetensors_text.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

using Json = nlohmann::ordered_json;

constexpr const char* kRecipe = "recipe.json";
constexpr const char* kQuality = "r2.json";
constexpr const char* kMeanR2 = "mean_r2";
constexpr const char* kRecipeFormat = "pressroom-kvzap-1";

// Of the windows' names, which the sampled tokens depend on, and of their tokens.
std::string windows_sha256(const KvzapWindows& windows) {
  Sha256 hash;
  for (const TokenDocument& window : windows.all) {
    hash.update(window.id).update("\n").update(token_ids_sha256(window.ids)).update("\n");
  }
  return hash.hex();
}

Json mlp_json(const KvzapMlpRecipe& mlp) {
  return {{"hidden", mlp.hidden},    {"epochs", mlp.epochs}, {"batch", mlp.batch},
          {"rate", mlp.rate},        {"decay", mlp.decay},   {"clip_norm", mlp.clip_norm},
          {"patience", mlp.patience}};
}

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
    // Numbered as in torch's Sequential, where the activation between the two is 1.
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

std::string kvzap_recipe(const KvzapOrigin& origin, const TrainKvzapOptions& options,
                         KvzapKind kind) {
  const ModelHashes& model = origin.hashes;
  Json json = {{"format", kRecipeFormat},
               {"kind", to_string(kind)},
               {"model",
                {{"config_sha256", model.config},
                 {"weights_sha256", model.weights},
                 {"tokenizer_sha256", model.tokenizer}}},
               {"windows_sha256", windows_sha256(origin.windows)},
               {"rows_per_window", options.rows_per_window},
               {"seed", options.seed}};
  if (kind == KvzapKind::kLinear) json["alpha"] = options.alpha;
  if (kind == KvzapKind::kMlp) json["mlp"] = mlp_json(options.mlp);
  return json.dump(2) + "\n";
}

std::string kvzap_readme(const KvzapOrigin& origin, const TrainKvzapOptions& options,
                         KvzapKind kind, const KvzapCheckpoint& checkpoint) {
  const KvzapModule& module = checkpoint.modules.front();
  const KvzapWindows& windows = origin.windows;
  const auto count = static_cast<std::int64_t>(windows.all.size());
  std::string datasets;
  for (const PluginUse& use : origin.datasets) {
    datasets += (datasets.empty() ? "" : ", ") + use.label;
  }
  const std::string hidden =
      module.hidden_weight.defined()
          ? " " + std::to_string(module.hidden_weight.size(0)) + " hidden units,"
          : "";
  return "# KVzap scorers for " + fs::path(origin.model).filename().string() + ", " +
         to_string(kind) + "\n\nWritten by `pressroom train kvzap`. For each layer," + hidden +
         " from the attention input of a token to the\nlogarithm of its KVzip+ score in each KV "
         "head.\n\n| | |\n|---|---|\n| datasets | " +
         datasets + " |\n| windows | " + std::to_string(count) + " of " +
         std::to_string(origin.context_tokens) + " tokens: " + std::to_string(windows.tests) +
         " for testing, " + std::to_string(windows.validations) + " for validation |\n| rows | " +
         std::to_string(windows.row_count(count, options.rows_per_window)) + ", at most " +
         std::to_string(options.rows_per_window) + " a window |\n| seed | " +
         std::to_string(options.seed) + " |\n| mean R2 on the tests | " +
         fixed(mean_r2(checkpoint.fits), 3) +
         " |\n\nR2 is the squared Pearson correlation; `r2.json` has it for each layer and "
         "head.\n`recipe.json` is what the same command is recognised by.\n";
}

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
