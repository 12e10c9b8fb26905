// A cell - method x budget x dataset x context x seed - and the result of running it: the unit
// that is run, stored and resumed.
//
//   cell.file_stem();          // "h2o_s0.9_ctx1024_seed42"
//   result.metric(metric_names::kPerplexity)->value;
//   cells_in_words(cells);     // "snapkv_s0.9 in 6 cells: datasets books, papers, ..."
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "pressroom/metric.h"
#include "pressroom/model_facts.h"
#include "results/answers.h"
#include "results/targets.h"

namespace pressroom {

// The most by which rounding may move the nll of a target, or a document's mean, from engine to
// engine, in nats: what I1 of engine/invariants.h allows.
inline constexpr double kEngineTolerance = 1e-4;

// The same of a document's mean, over keys and values held as `kv_dtype` says: kEngineTolerance for
// float32. Where they are rounded, the engines' last bits now and then become a step of rounding,
// and one target or the entry that leaves may differ by more (docs/protocol.md).
double engine_tolerance(const std::string& kv_dtype);

struct Cell {
  std::string method;   // the method's label: its name, or what the config calls it (`as:`)
  double sparsity = 0;  // requested fraction removed; 0 for dense; the measured one under `match`
  std::int64_t budget_tokens = 0;  // most entries a head keeps; the context itself for dense
  std::string dataset;             // the dataset's label
  std::int64_t context_tokens = 0;
  std::uint64_t seed = 0;
  Positions positions = Positions::kOriginal;
  std::string kv_dtype = "float32";  // how keys and values were held
  // Of a server, as the method's own use gives them: "{evict_in_blocks: 16}"; "" where it is under
  // those of the protocol alone.
  std::string constraints{};
  std::string protocol = "stream";  // Protocol::text(): the kind, with its settings
  // The config gives budgets: cells are told apart by `budget_tokens` and not by the sparsity that
  // these come to. Of the campaign, not of the cell's file.
  bool by_budget = false;

  // "h2o_s0.9_ctx1024_seed42", the file name of the result without its extension.
  std::string file_stem() const;
};

// One document (a window of `context_tokens` tokens) of a cell.
struct DocumentResult {
  std::string id;          // "<document>@<token offset>"
  std::string ids_sha256;  // of the window's token ids
  Targets targets;         // indices of the scored tokens within the window
  double sum_nll_nats = 0;
  std::string kept_sha256;   // of the positions held at the end, over layers and heads
  std::string provenance;    // what the dataset reader says of the document
  std::int64_t answers = 0;  // that the document asks for; 0: none, or it is not known
  double right_answers = 0;  // of which every token was the most likely one

  double mean_nll_nats() const { return sum_nll_nats / static_cast<double>(targets.size()); }
};

// How large the caches were while a cell ran: means over its windows. For drawing.
struct CacheSizeCurve {
  std::vector<std::int64_t> tokens_fed;   // up to 64 points, ascending; the last is the end
  std::vector<double> entries_per_head;   // held then, mean over layers and KV heads
  std::vector<std::vector<double>> kept;  // [layer][kv_head], fraction of the entries seen
};

// What stands for the error of a cell whose turn has not come.
inline constexpr const char* kNotRun = "not run";

// What stands for the error of a cell whose method is put aside.
inline constexpr const char* kPutAside =
    "not run: its method is put aside for the rest of this run, as its cells ended their workers "
    "three times";

struct CellResult {
  Cell cell;
  std::string content_key;  // SHA-256 of all that the result depends on
  std::vector<DocumentResult> documents;
  std::vector<MetricValue> metrics;
  CacheSizeCurve size_curve;
  double seconds = 0;
  std::string error;  // "" when the cell was run; else why it failed
  // Of a result that was taken from another campaign: the file it was copied from, and its SHA-256.
  std::string copied_from;
  std::string copied_sha256;
  // Of each document that asks for something; in a file of their own (results/stored_answers.h),
  // and not there where a result is read back.
  std::vector<DocumentAnswers> answers;
  std::string run;  // of a failed cell: the run it failed in (StoredPlan::run); "" not known

  const MetricValue* metric(const std::string& name) const;  // nullptr when it is not there
};

// Many cells in few words, for messages that are about all of them.
//
//   cells_in_words(cells) == "snapkv_s0.9 in 6 cells: datasets books, papers, context 256, "
//                            "seeds 1, 2, 3"
//
// Methods with their amounts, datasets, contexts and seeds, where `cells` are all that these make;
// else the cells one by one. Of each the first few.
std::string cells_in_words(const std::vector<Cell>& cells);

// The first few of `words`, with `between` between them, and "..." behind where there are more.
constexpr std::size_t kMostListed = 8;
std::string first_few(const std::vector<std::string>& words, const char* between);

}  // namespace pressroom
