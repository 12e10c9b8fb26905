// What documents cost: dense, under each method by replay, and by decoding, taking turns in one
// process on one model, one set of tokens and one number of threads.
//
//   BenchRequest request;
//   request.model = "starter";
//   request.text_file = "novel.txt";
//   request.methods = {dense, h2o};
//   request.decoded = {h2o};
//   const BenchReport report = bench_documents(request, host, control);
//   report.ratio_to_baseline(report.runs[1]);   // h2o by replay beside dense by replay
//
// A time is that of the engine alone, from token ids to the nll of every target. What it gave is
// held to the invariants of every run (admission/admitted_run.h), which is not timed.
//
//   const AllMethods all = all_methods(request, host);   // "--methods all"
//   request.methods = all.uses;                          // all.left_out: why the rest is not there
//   to_json(report);                                     // what --json prints
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "admission/admitted_run.h"
#include "bench/timing.h"
#include "config/config.h"
#include "engine/run.h"
#include "model/model.h"

namespace pressroom {

struct BenchRequest {
  std::string model;
  std::string ids_file;   // a JSON array of token ids; or
  std::string text_file;  // a text, encoded without special tokens
  std::int64_t tokens = 1024;
  std::int64_t documents = 1;  // one after another out of the text, `tokens` each
  std::int64_t budget_tokens = 256;
  std::int64_t threads = 0;  // 0: all cores
  WeightDtype dtype = WeightDtype::kFloat32;
  LoadProgress load_progress;

  std::vector<PluginUse> methods;  // to be replayed; dense comes first, asked for or not
  std::int64_t repeats = 5;        // timed, after one that is not
  std::vector<PluginUse> decoded;  // to be decoded
  std::int64_t decode_repeats = 1;
  std::optional<std::int64_t> decode_tokens;  // of each document, the first so many; default: all
  // For all methods. Otherwise each has its own, and those whose own is cache_index are run at
  // original as well.
  std::optional<Positions> positions;
  // Documents may be longer than the model was made for.
  bool beyond_positions = false;

  // Called before each run, the warm-ups too: how many there were, how many there will be.
  std::function<void(std::int64_t done, std::int64_t all, const std::string& name)> on_run =
      [](std::int64_t, std::int64_t, const std::string&) {};
};

// One way to run the documents.
struct BenchRun {
  PluginUse method;
  RunTerms terms;  // but for what depends on the machine and the model
  Engine engine = Engine::kReplay;
  Positions positions = Positions::kOriginal;
  std::int64_t tokens = 0;  // of each document
  std::int64_t repeats = 1;
  bool warms_up = true;

  // Measured:
  std::vector<double> seconds;       // one for each repeat
  std::vector<double> step_seconds;  // decode: of every step of every repeat and document
  // The most memory the process held in RAM in the first call, less what it held when the model had
  // been loaded.
  std::optional<std::int64_t> peak_bytes;
  double mean_nll = 0;  // of the last repeat

  double median_seconds() const { return spread_of(seconds).median; }
};

struct BenchReport {
  std::string model;
  std::int64_t weight_bytes = 0;
  WeightDtype dtype = WeightDtype::kFloat32;
  std::string blas;
  std::string ids_sha256;  // of all documents, one after another
  std::int64_t tokens = 0;
  std::int64_t documents = 0;
  std::int64_t budget_tokens = 0;
  std::int64_t threads = 0;
  std::vector<BenchRun> runs;  // the first is the baseline: dense by replay

  double tokens_per_second(const BenchRun& run) const;
  // Time for a token over the baseline's, of medians.
  double ratio_to_baseline(const BenchRun& run) const;
};

// The runs that `request` asks for, in the order they are made; nothing has been measured. Throws
// Error for budgets and engines that a method cannot have.
std::vector<BenchRun> planned_runs(const BenchRequest& request, PluginHost& host);

// Every method there is, for a look at what each costs.
struct AllMethods {
  std::vector<PluginUse> uses;
  // Those that cannot be part of this run, and why: {"kvzip", "..."}.
  std::vector<std::pair<std::string, std::string>> left_out;
};

// All methods of `host` with their default parameters, wrappers around keydiff, as far as they can
// run as `request` says (its `methods` are not looked at).
AllMethods all_methods(const BenchRequest& request, PluginHost& host);

// Throws Error for a request that cannot be served, before the model is loaded; Interrupted when
// `control` asks to stop.
BenchReport bench_documents(const BenchRequest& request, PluginHost& host,
                            const RunControl& control);

// The object that `pressroom bench --json` prints. `seconds` has every repeat;
// peak_bytes_above_loaded is null where the system does not tell; step_ms_p50 and step_ms_p95 are
// of runs by decoding alone.
nlohmann::ordered_json to_json(const BenchReport& report);

}  // namespace pressroom
