#include "report/html/trace_choice.h"

#include <algorithm>
#include <map>
#include <set>

namespace pressroom {
namespace {

using Path = std::filesystem::path;

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

}  // namespace

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

}  // namespace pressroom
