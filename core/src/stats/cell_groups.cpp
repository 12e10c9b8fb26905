#include "stats/cell_groups.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/number_text.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

// Numbers words in the order they first appear.
class FirstSeen {
 public:
  std::size_t rank(const std::string& word) {
    return ranks_.emplace(word, ranks_.size()).first->second;
  }

 private:
  std::map<std::string, std::size_t> ranks_;
};

auto identity(const Cell& cell) {
  return std::make_tuple(cell.method, cell.sparsity, cell.dataset, cell.context_tokens, cell.seed);
}

void add(const CellResult& result, CellGroup& group) {
  if (result.error.empty()) {
    group.cells.push_back(&result);
  } else {
    group.gaps.push_back({result.cell.seed, result.error});
  }
}

void require_new(const CellGroup& group, const CellResult& result,
                 const std::set<std::uint64_t>& seeds) {
  if (seeds.count(result.cell.seed) != 0) {
    throw Error({"two results are for one cell",
                 group.where() + ", seed " + std::to_string(result.cell.seed), "one result a cell",
                 "", "give each its own campaign directory"});
  }
  // A mean over seeds would mix two sizes of cache under one label.
  if (group.budget_tokens != result.cell.budget_tokens) {
    throw Error({"one method has two budgets at one sparsity", group.where(),
                 std::to_string(group.budget_tokens) + " entries for every seed",
                 std::to_string(result.cell.budget_tokens) + " for seed " +
                     std::to_string(result.cell.seed),
                 "run the campaign again in an empty directory"});
  }
}

void finish(CellGroup& group, const std::set<std::uint64_t>& present,
            const std::set<std::uint64_t>& expected) {
  for (const std::uint64_t seed : expected) {
    // Seeds may draw windows of their own: without one the means would be over other text than
    // those of the groups beside it.
    if (present.count(seed) == 0) group.gaps.push_back({seed, "no result"});
  }
  std::sort(group.cells.begin(), group.cells.end(),
            [](const CellResult* a, const CellResult* b) { return a->cell.seed < b->cell.seed; });
  std::sort(group.gaps.begin(), group.gaps.end(),
            [](const Gap& a, const Gap& b) { return a.seed < b.seed; });
}

}  // namespace

std::string CellGroup::amount_text() const {
  return by_budget ? std::to_string(budget_tokens) : sparsity_text(sparsity);
}

std::string CellGroup::told() const { return std::string(amount_name()) + " " + amount_text(); }

std::string CellGroup::amount_slug() const { return (by_budget ? "b" : "s") + amount_text(); }

std::string CellGroup::name() const { return method + "_" + amount_slug(); }

std::string CellGroup::place() const {
  return dataset + ", context " + std::to_string(context_tokens);
}

std::string CellGroup::where() const { return place() + ", " + name(); }

std::string CellGroup::why_incomplete() const {
  std::string text;
  for (const Gap& gap : gaps) {
    if (!text.empty()) text += "; ";
    // The first line alone: what an Error expected, what it got and the fix follow on others.
    text += "seed " + std::to_string(gap.seed) + ": " + gap.reason.substr(0, gap.reason.find('\n'));
  }
  return text;
}

std::vector<CellGroup> group_cells(const std::vector<CellResult>& results,
                                   const std::string& baseline) {
  using Key = std::tuple<std::size_t, std::int64_t, double, bool, std::size_t>;
  FirstSeen datasets;
  FirstSeen methods;
  std::map<Key, std::pair<CellGroup, std::set<std::uint64_t>>> groups;
  std::set<std::uint64_t> all_seeds;
  for (const CellResult& result : results) {
    const Cell& cell = result.cell;
    // false comes first: the baseline stands before the other methods of a sparsity.
    const Key key{datasets.rank(cell.dataset), cell.context_tokens, cell.sparsity,
                  cell.method != baseline, methods.rank(cell.method)};
    auto& [group, seeds] = groups
                               .try_emplace(key,
                                            CellGroup{cell.method,
                                                      cell.sparsity,
                                                      cell.budget_tokens,
                                                      cell.dataset,
                                                      cell.context_tokens,
                                                      cell.protocol,
                                                      {},
                                                      {},
                                                      cell.by_budget,
                                                      cell.kv_dtype},
                                            std::set<std::uint64_t>{})
                               .first->second;
    require_new(group, result, seeds);
    add(result, group);
    seeds.insert(cell.seed);
    all_seeds.insert(cell.seed);
  }

  std::vector<CellGroup> ordered;
  for (auto& [key, entry] : groups) {
    finish(entry.first, entry.second, all_seeds);
    ordered.push_back(std::move(entry.first));
  }
  return ordered;
}

const char* amount_name(const std::vector<CellGroup>& groups) {
  return groups.empty() ? CellGroup().amount_name() : groups.front().amount_name();
}

Measure judge_of(const std::vector<CellGroup>& groups, const std::string& dataset,
                 std::int64_t context_tokens) {
  bool any = false;
  for (const CellGroup& group : groups) {
    if (group.dataset != dataset || group.context_tokens != context_tokens) continue;
    for (const CellResult* cell : group.cells) {
      const bool asks = std::any_of(cell->documents.begin(), cell->documents.end(),
                                    [](const DocumentResult& d) { return d.answers > 0; });
      // Cells from before right answers were kept by document cannot be paired by them, and a place
      // has one judge for all its methods.
      if (!asks) return Measure::kNll;
      any = true;
    }
  }
  return any ? Measure::kAnswers : Measure::kNll;
}

const CellGroup* baseline_of(const CellGroup& group, const std::vector<CellGroup>& groups,
                             const std::string& baseline) {
  return find_baseline(groups, baseline, group.dataset, group.context_tokens, group.sparsity,
                       [](const CellGroup& each) -> const CellGroup& { return each; });
}

std::vector<CellResult> in_plan_order(const std::vector<CellResult>& results,
                                      const std::vector<Cell>& planned) {
  std::map<decltype(identity(Cell())), const CellResult*> by_cell;
  for (const CellResult& result : results) by_cell.emplace(identity(result.cell), &result);
  std::vector<CellResult> ordered;
  ordered.reserve(planned.size());
  for (const Cell& cell : planned) {
    const auto found = by_cell.find(identity(cell));
    if (found != by_cell.end()) {
      ordered.push_back(*found->second);
      continue;
    }
    ordered.emplace_back();
    ordered.back().cell = cell;
    ordered.back().error = kNotRun;
  }
  return ordered;
}

}  // namespace pressroom
