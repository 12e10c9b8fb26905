// Eviction traces as the report shows them: how long each token of a document lived, by layer and
// KV head. Chosen from a campaign's traces and packed into a bounded number of bytes.
//
//   const TraceView view = trace_view(stored, "dense", kTraceBudgetBytes);
//   view.runs[0].lifetimes   // base64 of uint16, [layer][kv_head][token]
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "results/stored_campaign.h"

namespace pressroom {

constexpr std::size_t kTraceBudgetBytes = 2000000;  // of the page, for all runs
constexpr std::uint16_t kLivedOn = 0xFFFF;          // held at the end

struct TracedRun {
  std::string method;
  double sparsity = 0;
  std::string told;  // "sparsity 0.9", "budget 102"
  std::string dataset;
  std::int64_t context_tokens = 0;
  std::size_t document = 0;   // of TraceView::documents
  std::int64_t layers = 0;    // 1 where all were averaged
  std::int64_t kv_heads = 0;  // likewise
  std::string averaged;       // "" , "over KV heads", "over layers and KV heads"
  // uint16, little endian, [layer][kv_head][token]: the last query that saw the entry minus the
  // entry's own position, at most 65534; kLivedOn where it was held at the end. An average counts
  // an entry that lived on with the rest of the document, and is kLivedOn where all lived on.
  std::string lifetimes;  // base64
};

struct TracedDocument {
  std::string id;
  std::string ids_sha256;
  std::int64_t count = 0;
  std::vector<std::string> tokens;  // as text; empty where the campaign has none
};

struct TraceView {
  std::vector<TracedDocument> documents;
  std::vector<TracedRun> runs;
  std::vector<std::string> notes;  // what was left out or could not be read, and why
};

// For each method but `baseline`, at its lowest and its highest sparsity: the first window that has
// a trace, at the largest context of the first dataset with traces, of the first seed. Runs that
// would take more than an equal share of `budget_bytes` are averaged over KV heads, then over
// layers too. A file that cannot be read is a note.
TraceView trace_view(const StoredCampaign& campaign, const std::string& baseline,
                     std::size_t budget_bytes);

// <section id="traces">: the choice of method, layer and head, and the data for the script that
// draws the text. "" where there are no traces.
std::string traces_section(const TraceView& view);

}  // namespace pressroom
