// The eviction trace: of every entry of a run - layer, KV head, position - the step after which it
// left the cache, and by which score. Made once, kept in a file, asked and compared later.
//
//   Trace trace = trace_of(run, {"starter", "h2o", "stream", 256, positions, "a.txt", ids_sha256});
//   write_trace("a.trace", trace);                          // trace/trace_file.h
//   ranges_text(ranges_of(trace.kept(0, 1, trace.steps() - 1)));    // "0-3, 356-411"
//   compare_traces(trace, other).mean(0);                   // of layer 0, over all steps
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/cache/eviction_log.h"
#include "engine/run.h"
#include "pressroom/model_facts.h"

namespace pressroom {

// What was run: for people, and for comparisons to know what is comparable.
struct TraceHeader {
  std::string model;     // as the user named it
  std::string method;    // a name or inline YAML
  std::string protocol;  // Protocol::text()
  std::int64_t budget_tokens = 0;
  Positions positions = Positions::kOriginal;
  std::string document;              // its id
  std::string ids_sha256;            // of its token ids: names the document in comparisons
  std::string kv_dtype = "float32";  // how keys and values were held
};

struct Trace {
  TraceHeader header;
  std::vector<std::int64_t> tokens_per_step;  // at least 1 each; their sum is tokens()
  // [layer][kv_head], each of tokens() entries; one evicted_after is the last token of a step.
  std::vector<std::vector<EvictionLog>> evictions;
  bool with_scores = true;  // without, every score is NaN

  std::int64_t layers() const { return static_cast<std::int64_t>(evictions.size()); }
  std::int64_t kv_heads() const { return static_cast<std::int64_t>(evictions.at(0).size()); }
  std::int64_t tokens() const;
  std::int64_t steps() const { return static_cast<std::int64_t>(tokens_per_step.size()); }

  // For each step the last token it feeds, ascending; [steps].
  std::vector<std::int64_t> last_tokens() const;

  // Positions that a head holds after `step`, its eviction included; ascending. All three indices
  // must be in range.
  std::vector<std::int64_t> kept(std::int64_t layer, std::int64_t kv_head, std::int64_t step) const;
};

// The trace of a run. Throws Error for the protocol `window`, under which nothing leaves.
Trace trace_of(const DocumentRun& run, TraceHeader header);

// What left the heads of a layer.
struct LayerEvictions {
  std::int64_t entries = 0;  // that left by the end
  // Tokens from an entry's own to the last whose query saw it; NaN where nothing left.
  double mean_age_tokens = 0;
};
LayerEvictions evictions_of_layer(const Trace& trace, std::int64_t layer);

// Positions as runs of consecutive ones, first and last; `positions` ascend.
using PositionRange = std::pair<std::int64_t, std::int64_t>;
std::vector<PositionRange> ranges_of(const std::vector<std::int64_t>& positions);

// "0-3, 7, 356-411", and "none" where there are none.
std::string ranges_text(const std::vector<PositionRange>& ranges);

// How far two methods kept the same entries of one document, by Jaccard's measure: entries that
// both hold over entries that either holds, 1 where nobody holds any.
struct TraceAgreement {
  // What is compared: tokens fed at the steps at whose end both runs were, evictions included. The
  // end of the document always is one.
  std::vector<std::int64_t> tokens_fed;
  std::vector<std::vector<double>> jaccard;  // [layer][of tokens_fed], mean over KV heads

  double mean(std::int64_t layer) const;  // over tokens_fed
  double mean() const;                    // and over layers
};

// Throws Error where the traces are of different token ids, layers, KV heads or numbers of tokens.
// Models, methods, protocols, dtypes and budgets may differ.
TraceAgreement compare_traces(const Trace& a, const Trace& b);

}  // namespace pressroom
