// Runs one cell: the engine, then the collectors. What goes wrong is in its result. Beside it, the
// texts of a window's tokens, which traces are read with.
//
//   const CellResult result = run_cell(planned, method, windows, parts);
//   if (!result.error.empty()) ...   // why it failed
#pragma once

#include <string>
#include <vector>

#include "campaign/campaign_metric.h"
#include "campaign/dense_reference.h"
#include "campaign/directory.h"
#include "campaign/plan.h"
#include "campaign/sampling.h"
#include "engine/run.h"
#include "model/model.h"
#include "tokenizer/tokenizer.h"
#include "trace/trace.h"

namespace pressroom {

// What all cells of a campaign are run with; borrowed.
struct CellParts {
  const CampaignConfig& config;
  const Model& model;
  const std::vector<CampaignMetric>& metrics;
  std::int64_t threads = 1;
  const RunControl& control;
  ContextReconstruction reading;    // of prompts, where the method asks for one
  DenseReference* dense = nullptr;  // of the group of `windows`, where a metric needs it
  // Where traces are written: "<this>.0.trace" for the first window. "" for none.
  std::string trace_stem;
  TraceHeader trace_header;  // what is the same for all windows
  bool check_views = false;  // RunSettings::check_views
  bool repeats = false;      // run the first window again: the same entries must leave
  // Where a metric needs the texts of tokens, or answers are generated; and the tokens that end
  // these.
  const Tokenizer* tokenizer = nullptr;
  std::vector<std::int64_t> end_ids = {};
};

// The cell's result without its content key. Throws Interrupted; every other failure is in
// CellResult::error.
CellResult run_cell(const PlannedCell& planned, const Method& method,
                    const std::vector<Window>& windows, const CellParts& parts);

// The tokens of a window as text, for whoever draws what became of them: eviction traces name
// entries by position alone.
//
//   tokens/<ids_sha256>.json   {"document", "ids_sha256", "tokens": ["It", " is", " a", ...]}
//
// Writes the file of `window` into `directory` unless it is there. Bytes that are not UTF-8 by
// themselves, as of a character that two tokens share, become U+FFFD.
void store_token_texts(const Window& window, const Tokenizer& tokenizer,
                       const CampaignDirectory& directory);

}  // namespace pressroom
