#include "campaign/plan_problems.h"

#include <algorithm>
#include <utility>

#include "results/cells_in_words.h"

namespace pressroom {
namespace {

constexpr std::size_t kMostProblems = 100;

}  // namespace

bool PlanProblems::is_same(const Group& group, const Cell& cell, const Problem& problem) {
  const Problem& first = group.first;
  if (first.what != problem.what || first.fix != problem.fix) return false;
  if (first.expected == problem.expected) return true;
  const Cell& other = group.cells.front();
  if (other.method != cell.method) return false;
  return cell.by_budget ? other.budget_tokens == cell.budget_tokens
                        : other.sparsity == cell.sparsity;
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

std::vector<Problem> PlanProblems::merged() const {
  std::vector<Problem> problems;
  for (const Group& group : groups_) {
    Problem problem = group.first;
    if (group.cells.size() > 1) {
      problem.where = cells_in_words(group.cells);
      problem.expected = first_few(group.expected, "; ");
      problem.got = first_few(group.got, "; ");
    }
    problems.push_back(std::move(problem));
  }
  if (left_out_ > 0) {
    problems.push_back({"more is wrong with other methods and budgets", "", "",
                        std::to_string(left_out_) + " cells more", "fix what is listed first"});
  }
  return problems;
}

}  // namespace pressroom
