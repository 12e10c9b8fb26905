// What is wrong with the cells of a plan, each thing said once.
//
// A budget that is too small is too small with every seed, on every dataset and often in every
// context: that is one mistake of the campaign and not eighteen.
//
//   PlanProblems problems;
//   problems.add(cell, problem);
//   if (!problems.empty()) throw Error(problems.merged());
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pressroom/error.h"
#include "results/cell.h"

namespace pressroom {

class PlanProblems {
 public:
  // `cell` has the problem. It is the same as that of another cell where everything that it says
  // is, but for the place and what was found; and for one method and amount also where only `what`
  // and `fix` are.
  void add(const Cell& cell, const Problem& problem);

  bool empty() const { return groups_.empty(); }

  // In the order in which they were first added, up to a hundred. One that several cells have names
  // them in its `where`, as cells_in_words does; what was expected and found differently in them is
  // listed.
  std::vector<Problem> merged() const;

 private:
  struct Group {
    Problem first;
    std::vector<Cell> cells;
    std::vector<std::string> expected, got;  // each once, the first few
  };

  static bool is_same(const Group& group, const Cell& cell, const Problem& problem);

  std::vector<Group> groups_;
  std::size_t left_out_ = 0;  // problems of cells for which there was no group left
};

}  // namespace pressroom
