#include "train/kvzap/kvzap_trainer.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>

#include "base/number_text.h"
#include "campaign/directory.h"
#include "engine/reconstruction/reconstruction.h"
#include "engine/run.h"
#include "engine/threads.h"
#include "model/description.h"
#include "model/model.h"
#include "parallel/parallel_for.h"
#include "pressroom/error.h"
#include "tokenizer/tokenizer.h"
#include "train/kvzap/kvzap_checkpoint.h"
#include "train/kvzap/kvzap_data.h"
#include "train/kvzap/kvzap_rows.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

class KvzapTraining {
 public:
  KvzapTraining(const TrainKvzapOptions& options, PluginHost& host,
                const TrainKvzapControl& control)
      : options_(options),
        control_(control),
        threads_(threads_or_all(options.threads)),
        files_(find_model(options.model)),
        facts_(read_description(files_).facts),
        out_(options.out.empty() ? kvzap_folder_of(files_) : options.out) {
    if (options_.mlp.hidden == 0) {
      options_.mlp.hidden = std::max<std::int64_t>(facts_.hidden_size / 8, 16);
    }
    const KvzapDataConfig data = load_kvzap_data(options.data, host);
    const auto tokenizer = Tokenizer::load(files_.tokenizer);
    reading_.between = tokenizer->encode(kRepeatPrompt, Special::kNone);
    reading_.kind = Reconstruction::kContribution;
    reading_.counts_between = false;
    check_positions(data.context_tokens);
    origin_.windows = draw_kvzap_windows(data, options.tokens, options.seed, *tokenizer, host);
    origin_.model = files_.name;
    origin_.datasets = data.datasets;
    origin_.context_tokens = data.context_tokens;
    for (const TokenDocument& window : windows().all) {
      check_ids(window, facts_.vocabulary, Protocol());
    }
  }

  std::vector<KvzapResult> run() {
    const DirectoryLock lock(out_);
    origin_.hashes = hash_model(files_);
    std::vector<KvzapKind> missing;
    for (const KvzapKind kind : options_.kinds) {
      if (!holds_kvzap_checkpoint(directory_of(kind), kvzap_recipe(origin_, options_, kind))) {
        missing.push_back(kind);
        continue;
      }
      control_.on_line(directory_of(kind).string() + " is there already, of the same command");
    }
    if (!missing.empty()) train(missing, lock);
    // A training can be killed when all that it has left to do is to remove its rows.
    if (missing.empty() && !options_.keep_data) remove_unfinished_rows(rows_folder());
    if (missing.empty() && options_.keep_data) {
      control_.on_line("nothing is read again, so --keep-data leaves no rows");
    }
    std::vector<KvzapResult> results;
    for (const KvzapKind kind : options_.kinds) {
      results.push_back({directory_of(kind), stored_mean_r2(directory_of(kind))});
    }
    return results;
  }

 private:
  fs::path directory_of(KvzapKind kind) const { return out_ / name_of(kind); }
  static std::string name_of(KvzapKind kind) { return std::string("kvzap-") + to_string(kind); }
  fs::path rows_folder() const { return out_ / "kvzap-rows"; }
  const KvzapWindows& windows() const { return origin_.windows; }
  std::int64_t row_count(std::int64_t windows) const {
    return origin_.windows.row_count(windows, options_.rows_per_window);
  }
  void stop_if_requested() const {
    if (control_.stop_requested()) throw Interrupted();
  }

  // What a model makes of positions it was not trained for teaches nothing.
  void check_positions(std::int64_t context) const {
    const auto between = static_cast<std::int64_t>(reading_.between.size());
    const std::int64_t most = facts_.max_positions;
    if (most == 0 || 2 * context + between <= most) return;
    throw Error({"two readings of a window go beyond the positions the model was made for",
                 options_.data.string(),
                 "context: " + std::to_string((most - between) / 2) + " or less",
                 std::to_string(context), "lower `context`"});
  }

  void train(const std::vector<KvzapKind>& kinds, const DirectoryLock& lock) {
    LoadOptions load;
    load.threads = threads_;
    model_ = Model::load(files_, load);
    stop_if_requested();
    lock.check_place();
    if (remove_unfinished_rows(rows_folder())) {
      control_.on_line(
          "a training was killed here: its rows are removed, and this one begins anew");
    }
    KvzapRows rows(rows_folder(), facts_.layers, facts_.hidden_size, facts_.kv_heads,
                   row_count(static_cast<std::int64_t>(windows().all.size())));
    read_twice({*model_, reading_, options_, control_, threads_}, windows().all, rows);
    rows.finish();
    lock.check_place();
    if (options_.keep_data) rows.keep();  // before the fit: a kill in it is not to cost them
    for (const KvzapKind kind : kinds) {
      const KvzapCheckpoint checkpoint = fit(kind, rows);
      lock.check_place();
      write_kvzap_checkpoint(checkpoint, rows.beside(name_of(kind)), directory_of(kind));
      report(kind, checkpoint);
    }
  }

  KvzapCheckpoint fit(KvzapKind kind, const KvzapRows& rows) const {
    KvzapCheckpoint checkpoint;
    checkpoint.modules.resize(static_cast<std::size_t>(facts_.layers));
    checkpoint.fits.resize(checkpoint.modules.size());
    checkpoint.test_rows = row_count(windows().tests);
    const std::int64_t known = row_count(windows().tests + windows().validations);
    parallel_for(facts_.layers, threads_, [&](std::int64_t layer) {
      const c10::InferenceMode no_gradients;
      // Rounding then depends on no number of threads.
      run_tasks(1, 1, [&](std::int64_t) {
        stop_if_requested();
        const KvzapLayerRows of_layer = rows.layer(layer);
        const KvzapTask task{of_layer.inputs(), of_layer.targets(), checkpoint.test_rows,
                             known - checkpoint.test_rows};
        checkpoint.modules[layer] =
            kind == KvzapKind::kLinear
                ? fit_linear(task, options_.alpha)
                : fit_mlp(task, options_.mlp, RandomKey(options_.seed).with("mlp").with(layer),
                          [this] { stop_if_requested(); });
        checkpoint.fits[layer] = test_fit(checkpoint.modules[layer], task);
      });
    });
    checkpoint.readme = kvzap_readme(origin_, options_, kind, checkpoint);
    checkpoint.recipe = kvzap_recipe(origin_, options_, kind);
    return checkpoint;
  }

  void report(KvzapKind kind, const KvzapCheckpoint& checkpoint) const {
    for (std::size_t layer = 0; layer < checkpoint.fits.size(); ++layer) {
      std::string line = std::string(to_string(kind)) + " layer " + std::to_string(layer) + ": R2";
      for (const double r2 : checkpoint.fits[layer].r2) line += " " + fixed(r2, 3);
      control_.on_line(line);
    }
    control_.on_line(std::string(to_string(kind)) + ": mean R2 " +
                     fixed(mean_r2(checkpoint.fits), 3));
  }

  TrainKvzapOptions options_;  // with the hidden units of mlp filled in
  const TrainKvzapControl& control_;
  std::int64_t threads_;
  ModelFiles files_;
  ModelFacts facts_;
  fs::path out_;
  KvzapOrigin origin_;
  ContextReconstruction reading_;
  std::unique_ptr<Model> model_;
};

}  // namespace

fs::path kvzap_folder_of(const ModelFiles& files) {
  if (!files.is_gguf()) return files.root;
  // Of a file in the current folder there is no parent in the path.
  return files.root.has_parent_path() ? files.root.parent_path() : fs::path(".");
}

const char* to_string(KvzapKind kind) { return kind == KvzapKind::kLinear ? "linear" : "mlp"; }

std::vector<KvzapResult> train_kvzap(const TrainKvzapOptions& options, PluginHost& host,
                                     const TrainKvzapControl& control) {
  return KvzapTraining(options, host, control).run();
}

}  // namespace pressroom
