#include "train/kvzap/kvzap_origin.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/number_text.h"
#include "base/sha256.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

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
  return "# KVzap scorers for " + std::filesystem::path(origin.model).filename().string() + ", " +
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

}  // namespace pressroom
