#include "report/html/trace_view.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/number_text.h"
#include "base/whole_file.h"
#include "pressroom/error.h"
#include "report/html/html_text.h"
#include "trace/trace_file.h"

namespace pressroom {
namespace {

using Path = std::filesystem::path;

struct ChosenTrace {
  const Cell* cell = nullptr;  // borrowed from the campaign
  std::filesystem::path file;
};

struct TraceChoice {
  std::vector<ChosenTrace> shown;  // by method; of one method the highest sparsity first
  std::size_t left_out = 0;        // sparsities in between
};

bool goes_before(const Cell& a, const Cell& b) {
  return a.context_tokens != b.context_tokens ? a.context_tokens > b.context_tokens
                                              : a.seed < b.seed;
}

// Which cells have traces, with each folder listed once.
class TraceFolders {
 public:
  explicit TraceFolders(const StoredCampaign& campaign) : campaign_(campaign) {}

  bool has_trace(const Cell& cell) {
    const Path file = campaign_.cell_file(cell);
    const std::set<std::string>& names = traces_in(file.parent_path());
    const std::string stem = Path(file).replace_extension().filename().string() + ".";
    const auto first = names.lower_bound(stem);
    return first != names.end() && first->compare(0, stem.size(), stem) == 0 &&
           first->size() > stem.size();
  }

 private:
  const std::set<std::string>& traces_in(const Path& folder) {
    const auto known = folders_.find(folder);
    if (known != folders_.end()) return known->second;
    std::set<std::string>& names = folders_[folder];
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
      if (entry.path().extension() == ".trace") names.insert(entry.path().filename().string());
    }
    return names;
  }

  const StoredCampaign& campaign_;
  std::map<Path, std::set<std::string>> folders_;
};

// The cell to show of a method at a sparsity, of all that have traces.
using Chosen = std::map<std::pair<std::size_t, double>, ChosenTrace>;

Chosen candidates(const StoredCampaign& campaign, const std::string& baseline,
                  std::vector<std::string>& methods) {
  Chosen chosen;
  TraceFolders folders(campaign);
  std::string dataset;
  bool any = false;
  for (const CellResult& result : campaign.results) {
    const Cell& cell = result.cell;
    if (cell.method == baseline || !result.error.empty()) continue;
    if (any && cell.dataset != dataset) continue;
    if (!folders.has_trace(cell)) continue;
    any = true;
    dataset = cell.dataset;
    auto place = std::find(methods.begin(), methods.end(), cell.method);
    if (place == methods.end()) place = methods.insert(methods.end(), cell.method);
    const std::pair<std::size_t, double> key(place - methods.begin(), cell.sparsity);
    const auto known = chosen.find(key);
    if (known != chosen.end() && !goes_before(cell, *known->second.cell)) continue;
    chosen.insert_or_assign(key, ChosenTrace{&cell, {}});
  }
  return chosen;
}

// Highest and lowest sparsity of each method.
std::vector<ChosenTrace> extremes(const Chosen& chosen) {
  std::vector<ChosenTrace> kept;
  for (auto it = chosen.begin(); it != chosen.end(); ++it) {
    const bool first = it == chosen.begin() || std::prev(it)->first.first != it->first.first;
    const bool last =
        std::next(it) == chosen.end() || std::next(it)->first.first != it->first.first;
    // The last, of the highest sparsity, goes before the first of its method.
    if (last) {
      kept.insert(kept.end() - (first ? 0 : 1), it->second);
    } else if (first) {
      kept.push_back(it->second);
    }
  }
  return kept;
}

// For each method but `baseline`, at its highest and its lowest sparsity: the first window with a
// trace, at the largest context of the first dataset with traces, of the smallest seed.
TraceChoice choose_traces(const StoredCampaign& campaign, const std::string& baseline) {
  std::vector<std::string> methods;
  const Chosen chosen = candidates(campaign, baseline, methods);
  TraceChoice choice;
  for (const ChosenTrace& chosen_trace : extremes(chosen)) {
    const std::vector<Path> files = campaign.traces_of(*chosen_trace.cell);
    if (!files.empty()) choice.shown.push_back({chosen_trace.cell, files.front()});
  }
  choice.left_out = chosen.size() - choice.shown.size();
  return choice;
}

std::uint16_t lifetime(const EvictionLog& head, std::size_t token) {
  if (head.evicted_after[token] == kNeverLeaves) return kLivedOn;
  // Capped below kLivedOn, which stands for never having left.
  const std::int64_t lived = head.evicted_after[token] - static_cast<std::int64_t>(token);
  return static_cast<std::uint16_t>(std::clamp<std::int64_t>(lived, 0, kLivedOn - 1));
}

// The lifetimes of a token under `heads`, averaged.
std::uint16_t mean_lifetime(const std::vector<const EvictionLog*>& heads, std::size_t token,
                            std::size_t tokens) {
  double sum = 0;
  bool all_lived = true;
  for (const EvictionLog* head : heads) {
    const std::uint16_t lived = lifetime(*head, token);
    all_lived = all_lived && lived == kLivedOn;
    // What never left counts for as long as it could be seen: to the last token.
    sum += lived == kLivedOn ? static_cast<double>(tokens - 1 - token) : lived;
  }
  if (all_lived) return kLivedOn;
  return static_cast<std::uint16_t>(
      std::min(sum / static_cast<double>(heads.size()) + 0.5, kLivedOn - 1.0));
}

void append(std::uint16_t value, std::string& bytes) {
  bytes += static_cast<char>(value & 0xFF);
  bytes += static_cast<char>(value >> 8);
}

// Bytes of base64 that `rows` heads of `tokens` lifetimes take.
std::size_t packed_size(std::size_t rows, std::size_t tokens) { return rows * tokens * 2 * 4 / 3; }

// As much of the trace as fits `share` bytes; nothing where not even one row does.
bool pack(const Trace& trace, std::size_t share, TracedRun& run) {
  const auto tokens = static_cast<std::size_t>(trace.tokens());
  const auto layers = static_cast<std::size_t>(trace.layers());
  const auto heads = static_cast<std::size_t>(trace.kv_heads());
  std::vector<std::vector<const EvictionLog*>> rows;  // each is averaged
  for (const auto& layer : trace.evictions) {
    for (const EvictionLog& head : layer) rows.push_back({&head});
  }
  run.layers = trace.layers();
  run.kv_heads = trace.kv_heads();
  if (packed_size(layers * heads, tokens) > share) {
    const bool all = packed_size(layers, tokens) > share;
    std::vector<std::vector<const EvictionLog*>> averaged(all ? 1 : layers);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      averaged[all ? 0 : i / heads].push_back(rows[i].front());
    }
    rows = std::move(averaged);
    run.layers = all ? 1 : trace.layers();
    run.kv_heads = 1;
    run.averaged = all ? "over layers and KV heads" : "over KV heads";
  }
  if (packed_size(rows.size(), tokens) > share) return false;
  std::string bytes;
  bytes.reserve(rows.size() * tokens * 2);
  for (const auto& row : rows) {
    for (std::size_t j = 0; j < tokens; ++j) append(mean_lifetime(row, j, tokens), bytes);
  }
  run.lifetimes = base64(bytes);
  return true;
}

std::vector<std::string> token_texts(const Path& file, std::size_t count) {
  const auto json = nlohmann::json::parse(text_of_file(file), nullptr, false);
  if (!json.is_object() || !json.contains("tokens") || !json["tokens"].is_array()) return {};
  std::vector<std::string> texts;
  for (const auto& token : json["tokens"]) {
    if (!token.is_string()) return {};
    texts.push_back(token.get<std::string>());
  }
  // Another number of texts would stand beside the wrong positions.
  return texts.size() == count ? texts : std::vector<std::string>();
}

// The place of the trace's document among those of the view, where it is put if it is new.
std::size_t document_of(const Trace& trace, const Path& directory, TraceView& view) {
  const std::string& hash = trace.header.ids_sha256;
  for (std::size_t i = 0; i < view.documents.size(); ++i) {
    if (view.documents[i].ids_sha256 == hash) return i;
  }
  TracedDocument document = {trace.header.document, hash, trace.tokens(), {}};
  // The hash comes from a file: only what is one may become part of a path.
  if (!hash.empty() && bytes_of_hex(hash).size() == hash.size() / 2) {
    document.tokens = token_texts(directory / "tokens" / (hash + ".json"),
                                  static_cast<std::size_t>(document.count));
  }
  if (document.tokens.empty()) {
    view.notes.push_back("the text of " + document.id +
                         " is not in the campaign's tokens folder: tokens are shown by position");
  }
  view.documents.push_back(std::move(document));
  return view.documents.size() - 1;
}

std::optional<Trace> trace_in(const Path& file, TraceView& view) {
  try {
    return read_trace(file);
  } catch (const Error& error) {
    view.notes.push_back("left out, cannot be read: " + std::string(error.what()));
    return {};
  }
}

}  // namespace

TraceView trace_view(const StoredCampaign& campaign, const std::string& baseline,
                     std::size_t budget_bytes) {
  TraceView view;
  const TraceChoice choice = choose_traces(campaign, baseline);
  if (choice.shown.empty()) return view;
  const std::size_t share = budget_bytes / choice.shown.size();
  for (const ChosenTrace& candidate : choice.shown) {
    const std::optional<Trace> trace = trace_in(candidate.file, view);
    if (!trace) continue;
    TracedRun run;
    run.method = candidate.cell->method;
    run.sparsity = candidate.cell->sparsity;
    run.told = candidate.cell->by_budget ? "budget " + std::to_string(candidate.cell->budget_tokens)
                                         : "sparsity " + sparsity_text(candidate.cell->sparsity);
    run.dataset = candidate.cell->dataset;
    run.context_tokens = candidate.cell->context_tokens;
    if (!pack(*trace, share, run)) {
      view.notes.push_back("left out, too large for the page: " +
                           candidate.file.filename().string());
      continue;
    }
    run.document = document_of(*trace, campaign.directory, view);
    view.runs.push_back(std::move(run));
  }
  if (choice.left_out > 0) {
    view.notes.push_back("sparsities between the lowest and the highest of a method are left out");
  }
  return view;
}

}  // namespace pressroom
