// Trains the scorers of the method kvzap for a model: what a second reading of the prompt will make
// of a token (engine/reconstruction/reconstruction.h, KVzip+), predicted from the token's hidden
// state.
//
//   TrainKvzapOptions options;
//   options.model = "starter";
//   options.data = "texts.yaml";                       // train/kvzap/kvzap_data.h
//   train_kvzap(options, host, control);               // datasets/starter/kvzap-linear
//
// The teacher reads windows of text twice and writes hidden states and targets of a sample of their
// tokens to disk; the scorers of each layer are then fitted to that layer's file (kvzap_fit.h).
// The result depends on the model, the data and the options, not on the number of threads.
//
// One training at a time writes to a folder. One that was killed leaves nothing in the way of the
// next: what it read is removed and read anew, and a checkpoint that it finished is used again by
// the same command.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "model/model_files.h"
#include "plugin/host.h"
#include "train/kvzap/kvzap_fit.h"

namespace pressroom {

enum class KvzapKind { kLinear, kMlp };

const char* to_string(KvzapKind kind);  // "linear", "mlp"

struct TrainKvzapOptions {
  std::string model;                                 // as find_model takes it
  std::filesystem::path data;                        // a YAML file, train/kvzap/kvzap_data.h
  std::vector<KvzapKind> kinds{KvzapKind::kLinear};  // both are fitted to the same rows
  // Receives kvzap-linear and kvzap-mlp; empty: the folder of the model's weights, where the method
  // looks for them.
  std::filesystem::path out;
  std::int64_t tokens = 400000;        // of text read, about
  std::int64_t rows_per_window = 500;  // tokens sampled of each window
  double alpha = 1;                    // of the linear fit, on |W|^2
  KvzapMlpRecipe mlp;                  // hidden 0: an eighth of the hidden size, at least 16
  std::uint64_t seed = 1;
  std::int64_t threads = 0;  // 0: all cores
  bool keep_data = false;    // leave the rows in OUT/kvzap-rows, once they are whole

  TrainKvzapOptions() { mlp.hidden = 0; }
};

struct TrainKvzapControl {
  std::function<bool()> stop_requested = [] { return false; };
  std::function<void(const std::string&)> on_line = [](const std::string&) {};  // what is done
};

// What was written, in the order of `kinds`.
struct KvzapResult {
  std::filesystem::path directory;
  double mean_r2 = 0;
};

// Where the scorers go when options.out is empty: the folder of the model's weights.
std::filesystem::path kvzap_folder_of(const ModelFiles& files);

// Throws Error for a model or data that are not there, windows that do not fit into the model's
// positions twice, too little text, a checkpoint of anything else in the way, another training in
// the same folder, or a disk that is full, and Interrupted when asked to stop: then only whole
// checkpoints are there, and whole rows if they are to be kept. `stop_requested` is first asked
// when the model is loaded, before there is anything to be removed.
std::vector<KvzapResult> train_kvzap(const TrainKvzapOptions& options, PluginHost& host,
                                     const TrainKvzapControl& control);

}  // namespace pressroom
