#include "campaign/plan_problems.h"

#include <algorithm>
#include <set>
#include <utility>

namespace pressroom {
namespace {

constexpr std::size_t kMostListed = 8;
constexpr std::size_t kMostProblems = 100;

// Words in the order in which they first came.
class Distinct {
 public:
  void add(const std::string& word) {
    if (seen_.insert(word).second) words_.push_back(word);
  }
  std::size_t size() const { return words_.size(); }
  const std::vector<std::string>& words() const { return words_; }

 private:
  std::vector<std::string> words_;
  std::set<std::string> seen_;
};

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string text;
  const std::size_t shown = std::min(words.size(), kMostListed);
  for (std::size_t i = 0; i < shown; ++i) text += (i == 0 ? "" : between) + words[i];
  if (shown < words.size()) text += std::string(between) + "...";
  return text;
}

// "seeds 1, 2, 3", "seed 1"
std::string listed(const std::string& one, const Distinct& all) {
  return one + (all.size() > 1 ? "s " : " ") + joined(all.words(), ", ");
}

}  // namespace

// As it stands in the names of cells.
std::string PlanProblems::amount_of(const Cell& cell) const {
  if (by_budget_) return " with a budget of " + std::to_string(cell.budget_tokens);
  const std::string stem = cell.file_stem();
  const std::size_t end = stem.rfind("_ctx");
  return stem.substr(cell.method.size(), end - cell.method.size());
}

bool PlanProblems::is_same(const Group& group, const Cell& cell, const Problem& problem) const {
  const Problem& first = group.first;
  if (first.what != problem.what || first.fix != problem.fix) return false;
  if (first.expected == problem.expected && first.got == problem.got) return true;
  const Cell& other = group.cells.front();
  if (other.method != cell.method) return false;
  return by_budget_ ? other.budget_tokens == cell.budget_tokens : other.sparsity == cell.sparsity;
}

void PlanProblems::add(const Cell& cell, const Problem& problem) {
  auto group = std::find_if(groups_.begin(), groups_.end(), [&](const Group& candidate) {
    return is_same(candidate, cell, problem);
  });
  if (group == groups_.end()) {
    if (groups_.size() == kMostProblems) {
      ++left_out_;
      return;
    }
    group = groups_.insert(groups_.end(), Group());
    group->first = problem;
  }
  group->cells.push_back(cell);
  for (auto [text, texts] :
       {std::pair(&problem.expected, &group->expected), std::pair(&problem.got, &group->got)}) {
    const bool is_new = std::find(texts->begin(), texts->end(), *text) == texts->end();
    if (is_new && texts->size() <= kMostListed) texts->push_back(*text);
  }
}

std::string PlanProblems::where(const Group& group) const {
  Distinct methods, datasets, contexts, seeds;
  for (const Cell& cell : group.cells) {
    methods.add(cell.method + amount_of(cell));
    datasets.add(cell.dataset);
    contexts.add(std::to_string(cell.context_tokens));
    seeds.add(std::to_string(cell.seed));
  }
  const std::string cells = std::to_string(group.cells.size()) + " cells: ";
  // Nearly always it is all of them, and then this says which.
  if (group.cells.size() == methods.size() * datasets.size() * contexts.size() * seeds.size()) {
    return joined(methods.words(), ", ") + " in " + cells + listed("dataset", datasets) + ", " +
           listed("context", contexts) + ", " + listed("seed", seeds);
  }
  std::vector<std::string> names;
  for (const Cell& cell : group.cells) {
    names.push_back((datasets.size() > 1 ? cell.dataset + "/" : "") + cell.file_stem());
  }
  return cells + joined(names, ", ");
}

std::vector<Problem> PlanProblems::merged() const {
  std::vector<Problem> problems;
  for (const Group& group : groups_) {
    Problem problem = group.first;
    if (group.cells.size() > 1) {
      problem.where = where(group);
      problem.expected = joined(group.expected, "; ");
      problem.got = joined(group.got, "; ");
    }
    problems.push_back(std::move(problem));
  }
  if (left_out_ > 0) {
    problems.push_back({"more is wrong with other methods and budgets", "", "",
                        std::to_string(left_out_) + " cells more", "mend what is listed first"});
  }
  return problems;
}

}  // namespace pressroom
