// Where a piece of a config was written, and the list of everything that is wrong with it.
//
//   problems.add(node.place, "protocol.context is not an integer", "integer >= 2", "1k", "");
//   problems.throw_if_any();  // one Error, sorted: the file from top to bottom, then the flags
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "pressroom/error.h"

namespace pressroom {

struct YamlPlace {
  std::string origin;  // the file as the user named it, or the words of the command line
  int source = 0;      // 0: the file; 1, 2, ...: the overrides in their order; -1: a default
  int line = 0;        // from 1; 0: the file as a whole
  int column = 0;      // from 1, in characters (not bytes)

  // "configs/a.yaml:7:3", "configs/a.yaml", or "--set seeds=1" for a flag.
  std::string text() const;
};

// File before flags, flags in their order, then by line and column.
bool operator<(const YamlPlace& a, const YamlPlace& b);

// Collects problems, so that a user sees all of them at once.
class ProblemList {
 public:
  // The parts are those of `Problem`; `place` becomes its `where`. Beyond the first hundred
  // problems are only counted: nobody fixes more at once.
  void add(const YamlPlace& place, std::string what, std::string expected, std::string got,
           std::string fix);
  bool empty() const { return problems_.empty(); }
  // Throws an Error with all problems, sorted by place, when there are any; those that were only
  // counted are one more at the end.
  void throw_if_any() const;

 private:
  std::vector<std::pair<YamlPlace, Problem>> problems_;
  std::size_t counted_ = 0;  // beyond those
};

}  // namespace pressroom
