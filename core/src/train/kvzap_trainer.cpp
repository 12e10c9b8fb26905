#include "train/kvzap_trainer.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <numeric>

#include "engine/reconstruction.h"
#include "engine/run.h"
#include "engine/threads.h"
#include "model/description.h"
#include "model/model.h"
#include "model/model_files.h"
#include "parallel/cores.h"
#include "parallel/parallel_for.h"
#include "pressroom/error.h"
#include "tokenizer/tokenizer.h"
#include "train/kvzap_checkpoint.h"
#include "train/kvzap_data.h"
#include "train/kvzap_rows.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

// What no second reading looks at at all: its logarithm would be the only thing fitted.
constexpr double kSmallestScore = 1e-20;

template <typename... Values>
std::string formatted(const char* format, Values... values) {
  char text[512];
  std::snprintf(text, sizeof(text), format, values...);
  return text;
}

// What one window adds to the files, for each layer.
struct WindowRows {
  std::vector<at::Tensor> inputs, targets;  // [n,D] float16, [n,G] float32
};

class KvzapTraining {
 public:
  KvzapTraining(const TrainKvzapOptions& options, PluginHost& host,
                const TrainKvzapControl& control)
      : options_(options),
        control_(control),
        threads_(options.threads > 0 ? options.threads : available_cores()),
        data_(load_kvzap_data(options.data, host)),
        files_(find_model(options.model)),
        out_(options.out.empty() ? folder_of(files_) : options.out) {
    for (const KvzapKind kind : options.kinds) check_no_checkpoint(directory_of(kind));
    const auto tokenizer = Tokenizer::load(files_.tokenizer);
    reading_.between = tokenizer->encode(kRepeatPrompt, Special::kNone);
    check_positions();
    windows_ = draw_kvzap_windows(data_, options.tokens, options.seed, *tokenizer, host);
    reading_.kind = Reconstruction::kContribution;
    reading_.counts_between = false;
    LoadOptions load;
    load.threads = threads_;
    model_ = Model::load(files_, load);
    for (const TokenDocument& window : windows_.all) {
      check_ids(window, model_->facts().vocabulary, Protocol());
    }
  }

  std::vector<KvzapResult> run() {
    const ModelFacts& facts = model_->facts();
    KvzapRows rows(out_ / "kvzap-rows", facts.layers, facts.hidden_size, facts.kv_heads,
                   row_count(static_cast<std::int64_t>(windows_.all.size())));
    if (options_.keep_data) rows.keep();
    read_twice(rows);
    rows.finish();
    std::vector<KvzapResult> results;
    for (const KvzapKind kind : options_.kinds) results.push_back(fit(kind, rows));
    return results;
  }

 private:
  static fs::path folder_of(const ModelFiles& files) {
    return files.is_gguf() ? files.root.parent_path() : files.root;
  }
  fs::path directory_of(KvzapKind kind) const {
    return out_ / (std::string("kvzap-") + to_string(kind));
  }
  // What a model makes of positions it was not trained for teaches nothing.
  void check_positions() const {
    const auto between = static_cast<std::int64_t>(reading_.between.size());
    const std::int64_t most = read_description(files_).facts.max_positions;
    if (most == 0 || 2 * data_.context_tokens + between <= most) return;
    throw Error({"two readings of a window go beyond the positions the model was made for",
                 options_.data.string(),
                 "context: " + std::to_string((most - between) / 2) + " or less",
                 std::to_string(data_.context_tokens), "lower `context`"});
  }
  // Of the first `windows` windows.
  std::int64_t row_count(std::int64_t windows) const {
    std::int64_t rows = 0;
    for (std::int64_t i = 0; i < windows; ++i) {
      rows += std::min<std::int64_t>(options_.rows_per_window, windows_.all[i].ids.size());
    }
    return rows;
  }

  // One window for each thread at a time, written in order.
  void read_twice(KvzapRows& rows) {
    const auto begin = std::chrono::steady_clock::now();
    const auto count = static_cast<std::int64_t>(windows_.all.size());
    std::int64_t tokens = 0;
    for (std::int64_t first = 0; first < count; first += threads_) {
      const std::int64_t together = std::min(threads_, count - first);
      std::vector<WindowRows> read(static_cast<std::size_t>(together));
      run_tasks(together, threads_,
                [&](std::int64_t i) { read[i] = rows_of(windows_.all[first + i]); });
      for (std::int64_t i = 0; i < together; ++i) {
        tokens += static_cast<std::int64_t>(windows_.all[first + i].ids.size());
        for (std::size_t layer = 0; layer < read[i].inputs.size(); ++layer) {
          rows.add(static_cast<std::int64_t>(layer), read[i].inputs[layer], read[i].targets[layer]);
        }
      }
      const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
      control_.on_line(formatted("read %lld of %lld windows twice: %.0f tokens a second",
                                 static_cast<long long>(first + together),
                                 static_cast<long long>(count),
                                 static_cast<double>(tokens) / spent.count()));
    }
  }

  WindowRows rows_of(const TokenDocument& window) const {
    const at::Tensor chosen = at::tensor(sampled(window), at::kLong);
    WindowRows rows;
    reconstruction_scores(
        *model_, window.ids, reading_,
        [&](std::int64_t layer, const at::Tensor& inputs, const at::Tensor& scores) {
          if (control_.stop_requested()) throw Interrupted();
          rows.inputs.push_back(inputs.index_select(0, chosen).to(at::kHalf));
          rows.targets.push_back(
              scores.index_select(1, chosen).t().clamp_min(kSmallestScore).log().contiguous());
          if (at::isfinite(rows.inputs.back()).all().item<bool>()) return;
          throw Error({"a hidden state does not fit into 16 bits",
                       window.id + ", layer " + std::to_string(layer), "values within +-65504",
                       "a larger one", "the model cannot be used with kvzap"});
        });
    return rows;
  }

  // The tokens of a window that are learned from, ascending.
  std::vector<std::int64_t> sampled(const TokenDocument& window) const {
    const RandomKey key = RandomKey(options_.seed).with("rows").with(window.id);
    std::vector<std::int64_t> tokens(window.ids.size());
    std::iota(tokens.begin(), tokens.end(), 0);
    std::sort(tokens.begin(), tokens.end(), [&](std::int64_t a, std::int64_t b) {
      return key.with(a).bits() < key.with(b).bits();
    });
    const auto most = static_cast<std::size_t>(options_.rows_per_window);
    if (tokens.size() > most) tokens.resize(most);
    std::sort(tokens.begin(), tokens.end());
    return tokens;
  }

  KvzapResult fit(KvzapKind kind, const KvzapRows& rows) {
    const ModelFacts& facts = model_->facts();
    KvzapMlpRecipe mlp = options_.mlp;
    if (mlp.hidden == 0) mlp.hidden = std::max<std::int64_t>(facts.hidden_size / 8, 16);
    KvzapCheckpoint checkpoint;
    checkpoint.modules.resize(static_cast<std::size_t>(facts.layers));
    checkpoint.fits.resize(checkpoint.modules.size());
    checkpoint.test_rows = row_count(windows_.tests);
    parallel_for(facts.layers, threads_, [&](std::int64_t layer) {
      const c10::InferenceMode no_gradients;
      // Rounding then depends on no number of threads.
      run_tasks(1, 1, [&](std::int64_t) {
        if (control_.stop_requested()) throw Interrupted();
        const KvzapLayerRows of_layer = rows.layer(layer);
        const std::int64_t known = row_count(windows_.tests + windows_.validations);
        const KvzapTask task{of_layer.inputs(), of_layer.targets(), checkpoint.test_rows,
                             known - checkpoint.test_rows};
        checkpoint.modules[layer] =
            kind == KvzapKind::kLinear
                ? fit_linear(task, options_.alpha)
                : fit_mlp(task, mlp, RandomKey(options_.seed).with("mlp").with(layer));
        checkpoint.fits[layer] = test_fit(checkpoint.modules[layer], task);
      });
    });
    checkpoint.readme = readme(kind, checkpoint);
    write_kvzap_checkpoint(checkpoint, directory_of(kind));
    report(kind, checkpoint);
    return {directory_of(kind), mean_r2(checkpoint.fits)};
  }

  void report(KvzapKind kind, const KvzapCheckpoint& checkpoint) const {
    for (std::size_t layer = 0; layer < checkpoint.fits.size(); ++layer) {
      std::string line = formatted("%s layer %zu: R2", to_string(kind), layer);
      for (const double r2 : checkpoint.fits[layer].r2) line += formatted(" %.3f", r2);
      control_.on_line(line);
    }
    control_.on_line(formatted("%s: mean R2 %.3f", to_string(kind), mean_r2(checkpoint.fits)));
  }

  std::string readme(KvzapKind kind, const KvzapCheckpoint& checkpoint) const {
    const KvzapModule& module = checkpoint.modules.front();
    const auto windows = static_cast<std::int64_t>(windows_.all.size());
    std::string datasets;
    for (const PluginUse& use : data_.datasets) {
      datasets += (datasets.empty() ? "" : ", ") + use.label;
    }
    const std::string hidden =
        module.hidden_weight.defined()
            ? " " + std::to_string(module.hidden_weight.size(0)) + " hidden units,"
            : "";
    return "# KVzap scorers for " + fs::path(files_.name).filename().string() + ", " +
           to_string(kind) + "\n\nWritten by `pressroom train kvzap`. For each layer," + hidden +
           " from the attention input of a token to the\nlogarithm of its KVzip+ score in each KV "
           "head.\n\n| | |\n|---|---|\n| datasets | " +
           datasets + " |\n| windows | " + std::to_string(windows) + " of " +
           std::to_string(data_.context_tokens) + " tokens: " + std::to_string(windows_.tests) +
           " for testing, " + std::to_string(windows_.validations) +
           " for validation |\n| rows | " + std::to_string(row_count(windows)) + ", at most " +
           std::to_string(options_.rows_per_window) + " a window |\n| seed | " +
           std::to_string(options_.seed) + " |\n| mean R2 on the tests | " +
           formatted("%.3f", mean_r2(checkpoint.fits)) +
           " |\n\nR2 is the squared Pearson correlation; `r2.json` has it for each layer and "
           "head.\n";
  }

  const TrainKvzapOptions& options_;
  const TrainKvzapControl& control_;
  std::int64_t threads_;
  KvzapDataConfig data_;
  ModelFiles files_;
  fs::path out_;
  KvzapWindows windows_;
  SecondReading reading_;
  std::unique_ptr<Model> model_;
};

}  // namespace

const char* to_string(KvzapKind kind) { return kind == KvzapKind::kLinear ? "linear" : "mlp"; }

std::vector<KvzapResult> train_kvzap(const TrainKvzapOptions& options, PluginHost& host,
                                     const TrainKvzapControl& control) {
  return KvzapTraining(options, host, control).run();
}

}  // namespace pressroom
