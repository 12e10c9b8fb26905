#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/strings.h"
#include "compare/campaign_differences.h"
#include "compare/campaign_names.h"
#include "compare/merged_campaigns.h"
#include "compare/shared_documents.h"
#include "compare/shared_windows.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

using Places = std::map<TestPlace, WindowsBySeed>;

// What two campaigns without a place in common differ in.
std::string other_places(const Places& first, const Places& second) {
  const auto kinds = [](const Places& places) {
    std::vector<std::set<std::string>> sets(3);
    for (const auto& [place, windows] : places) {
      sets[0].insert(place.dataset);
      sets[1].insert(std::to_string(place.context_tokens));
      sets[2].insert(place.protocol);
    }
    return sets;
  };
  const auto of_first = kinds(first);
  const auto of_second = kinds(second);
  const char* names[] = {"datasets", "contexts", "protocols"};
  std::string text;
  for (std::size_t i = 0; i < of_first.size(); ++i) {
    if (of_first[i] == of_second[i]) continue;
    text += (text.empty() ? "" : "; ") + std::string(names[i]) + " " + joined(of_first[i]) +
            " and " + joined(of_second[i]);
  }
  return text;
}

class Merger {
 public:
  explicit Merger(const std::vector<StoredCampaign>& campaigns) : campaigns_(campaigns) {
    std::vector<std::filesystem::path> directories;
    for (const StoredCampaign& campaign : campaigns) {
      directories.push_back(campaign.directory);
      places_.push_back(windows_of(campaign.results));
    }
    merged_.names = distinguishing_names(directories);
    for (const auto& [place, windows] : places_[0]) {
      kept_[place] = windows;
      members_[place] = {0};
    }
  }

  MergedCampaigns run() {
    for (std::size_t k = 1; k < campaigns_.size(); ++k) join(k);
    if (!problems_.empty()) throw Error(problems_);
    note_left_out();
    for (std::size_t k = 1; k < campaigns_.size(); ++k) {
      for (const std::string& line :
           campaign_differences(campaigns_[0], merged_.names[0], campaigns_[k], merged_.names[k])) {
        merged_.notes.push_back(line + ".");
      }
    }
    add_results();
    // Budgets of one campaign and sparsities of another are compared as sparsities.
    const auto by_budget = [](const CellResult& result) { return result.cell.by_budget; };
    if (!std::all_of(merged_.results.begin(), merged_.results.end(), by_budget)) {
      for (CellResult& result : merged_.results) result.cell.by_budget = false;
    }
    return std::move(merged_);
  }

 private:
  // Keeps of every place what campaign `k` has as well.
  void join(std::size_t k) {
    std::string reasons;
    bool any = false;
    for (auto& [place, windows] : kept_) {
      const auto found = places_[k].find(place);
      if (found == places_[k].end()) continue;
      SharedWindows shared = shared_windows(windows, found->second);
      if (!shared.why_none.empty()) {
        reasons += (reasons.empty() ? "" : "; ") + place.text() + ": " + shared.why_none;
        continue;
      }
      any = true;
      members_[place].push_back(k);
      // Narrowed for the campaigns that follow, so that all members share what is left.
      windows = std::move(shared.windows);
    }
    if (any) {
      if (!reasons.empty())
        merged_.notes.push_back("left out of " + name(k) + ": " + reasons + ".");
      return;
    }
    if (reasons.empty()) reasons = other_places(places_[0], places_[k]);
    problems_.push_back({"the campaigns have no targets in common: nothing can be paired",
                         name(0) + " and " + name(k),
                         "windows of the same text, tokenizer, context, protocol and seed", reasons,
                         "run one of them again on what the other was run on"});
  }

  std::size_t count(std::size_t k, const TestPlace& place, bool only_kept) const {
    std::size_t windows = 0;
    const WindowsBySeed& kept = kept_.at(place);
    for (const auto& [seed, of_seed] : places_[k].at(place)) {
      const auto found = kept.find(seed);
      if (!of_seed) continue;
      if (!only_kept) windows += of_seed->size();
      if (only_kept && found != kept.end() && found->second) windows += found->second->size();
    }
    return windows;
  }

  void note_left_out() {
    for (std::size_t k = 0; k < campaigns_.size(); ++k) {
      for (const auto& [place, windows] : places_[k]) {
        const auto found = members_.find(place);
        // The first campaign's places are all members, so that `found` is one where k is 0.
        const bool first_alone = k == 0 && found->second.size() == 1;
        if (found == members_.end() || first_alone) {
          if (campaigns_.size() > 1) {
            merged_.notes.push_back(place.text() + " is in " + name(k) +
                                    (k == 0 ? " alone" : " and not in " + name(0)) + ": left out.");
          }
          continue;
        }
        if (std::count(found->second.begin(), found->second.end(), k) == 0) continue;
        const std::size_t all = count(k, place, false);
        const std::size_t common = count(k, place, true);
        if (common == all) continue;
        merged_.notes.push_back(place.text() + ": of the " + std::to_string(all) + " windows of " +
                                name(k) + " " + std::to_string(common) +
                                " are shared; the others are left out.");
      }
    }
  }

  void add_results() {
    std::map<std::string, std::set<std::size_t>> ran;  // by method
    const auto is_used = [this](const CellResult& result, std::size_t k) {
      const auto members = members_.find(place_of(result.cell));
      if (campaigns_.size() == 1) return true;
      return members != members_.end() && members->second.size() > 1 &&
             std::count(members->second.begin(), members->second.end(), k) > 0 &&
             kept_.at(place_of(result.cell)).count(result.cell.seed) > 0;
    };
    for (std::size_t k = 0; k < campaigns_.size(); ++k) {
      for (const CellResult& result : campaigns_[k].results) {
        if (is_used(result, k)) ran[result.cell.method].insert(k);
      }
    }
    // A second pass: a label depends on campaigns that come after its result.
    std::set<std::string> known;
    for (std::size_t k = 0; k < campaigns_.size(); ++k) {
      for (const CellResult& result : campaigns_[k].results) {
        if (!is_used(result, k)) continue;
        const std::string& method = result.cell.method;
        const std::string label = ran[method].size() > 1 ? method + " [" + name(k) + "]" : method;
        if (known.insert(label).second) merged_.origins.push_back({label, method, k});
        merged_.results.push_back(result);
        merged_.results.back().cell.method = label;
        if (campaigns_.size() > 1) keep_shared(merged_.results.back());
      }
    }
  }

  void keep_shared(CellResult& result) const {
    const std::optional<Windows>& windows = kept_.at(place_of(result.cell)).at(result.cell.seed);
    if (!windows) return;
    std::vector<bool> is_shared;
    for (const DocumentResult& document : result.documents) {
      is_shared.push_back(windows->count(document.id) > 0);
    }
    keep_documents(is_shared, result);
  }

  const std::string& name(std::size_t k) const { return merged_.names[k]; }

  const std::vector<StoredCampaign>& campaigns_;
  std::vector<Places> places_;  // by campaign
  Places kept_;                 // of the first campaign's, what the members share
  std::map<TestPlace, std::vector<std::size_t>> members_;
  std::vector<Problem> problems_;
  MergedCampaigns merged_;
};

}  // namespace

MergedCampaigns merge_campaigns(const std::vector<StoredCampaign>& campaigns) {
  PRESSROOM_ASSERT(!campaigns.empty());
  return Merger(campaigns).run();
}

}  // namespace pressroom
