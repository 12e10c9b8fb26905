#include "compare/shared_windows.h"

namespace pressroom {
namespace {

std::string seeds_text(const WindowsBySeed& windows) {
  std::string text;
  for (const auto& [seed, of_seed] : windows) {
    text += (text.empty() ? "" : ", ") + std::to_string(seed);
  }
  return text;
}

// How windows that are not the same differ.
struct Mismatches {
  std::size_t token_ids = 0;  // of one id
  std::size_t targets = 0;
};

Windows common_windows(const Windows& first, const Windows& second, Mismatches& mismatches) {
  Windows common;
  for (const auto& [id, document] : first) {
    const auto found = second.find(id);
    if (found == second.end()) continue;
    if (found->second->ids_sha256 != document->ids_sha256) {
      ++mismatches.token_ids;
    } else if (found->second->targets != document->targets) {
      ++mismatches.targets;
    } else {
      common.emplace(id, document);
    }
  }
  return common;
}

std::string why_none(const SharedWindows& shared, const Mismatches& mismatches) {
  std::string text = "windows 0 of " + std::to_string(shared.of_first) + " in common: ";
  if (mismatches.token_ids > 0) {
    return text + std::to_string(mismatches.token_ids) +
           " have the same id and other token ids (another text or tokenizer)";
  }
  if (mismatches.targets > 0) {
    return text + std::to_string(mismatches.targets) + " have other scored targets";
  }
  return text + "other documents were drawn";
}

}  // namespace

std::string TestPlace::text() const {
  return dataset + ", context " + std::to_string(context_tokens) +
         (protocol == "stream" ? "" : ", " + protocol);
}

TestPlace place_of(const Cell& cell) { return {cell.dataset, cell.context_tokens, cell.protocol}; }

std::map<TestPlace, WindowsBySeed> windows_of(const std::vector<CellResult>& results) {
  std::map<TestPlace, WindowsBySeed> places;
  for (const CellResult& result : results) {
    std::optional<Windows>& windows = places[place_of(result.cell)][result.cell.seed];
    // One cell speaks for its seed, as all cells of a seed have the same windows. The entry stays
    // empty where every cell failed or waits.
    if (windows || !result.error.empty()) continue;
    windows.emplace();
    for (const DocumentResult& document : result.documents) {
      windows->emplace(document.id, &document);
    }
  }
  return places;
}

SharedWindows shared_windows(const WindowsBySeed& first, const WindowsBySeed& second) {
  SharedWindows shared;
  Mismatches mismatches;
  bool known = false;
  for (const auto& [seed, of_first] : first) {
    const auto found = second.find(seed);
    if (found == second.end()) continue;
    const std::optional<Windows>& of_second = found->second;
    if (!of_first || !of_second) {
      shared.windows[seed] = of_first ? of_first : of_second;
      continue;
    }
    known = true;
    shared.of_first += of_first->size();
    shared.of_second += of_second->size();
    Windows common = common_windows(*of_first, *of_second, mismatches);
    shared.common += common.size();
    if (!common.empty()) shared.windows[seed] = std::move(common);
  }
  if (!shared.windows.empty()) return shared;
  shared.why_none = known ? why_none(shared, mismatches)
                          : "seeds " + seeds_text(first) + " and " + seeds_text(second);
  return shared;
}

}  // namespace pressroom
