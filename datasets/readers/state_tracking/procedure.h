// A procedure that a model has to go through step by step: rules that are given once, and runs of
// it, each from a start of its own.
#pragma once

#include <string>
#include <vector>

namespace pressroom {

struct ProcedureRun {
  std::string start;               // what the question names: "A", "A=45, B=28"
  std::vector<std::string> lines;  // one a step, none of which is a part of another
};

struct Procedure {
  std::string instruction;         // what has to be done and written
  std::string rules;               // what it is done to, in lines: the context
  std::string question;            // what leads to a start: "Depth-first search from"
  std::vector<ProcedureRun> runs;  // one a question
};

}  // namespace pressroom
