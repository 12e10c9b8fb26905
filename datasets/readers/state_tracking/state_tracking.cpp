#include <algorithm>

#include "countdown.h"
#include "depth_first_search.h"
#include "pressroom/made_reader.h"
#include "pressroom/plugin.h"

namespace pressroom {

// A procedure whose answer is long and depends, line by line, on what was written before: what a
// cache loses while it decodes.
struct StateTracking final : MadeReader<StateTracking> {
  std::string task;
  std::int64_t questions = 0, nodes = 0, steps = 0, counters = 0;

  static Declaration<StateTracking> declare() {
    return declare_made("made documents: a procedure with a long answer, a line for each step")
        .parameter(&StateTracking::task,
                   string("task", "depth_first_search",
                          "depth_first_search: of a small graph; countdown: counters, lowered in "
                          "turn")
                       .one_of({"depth_first_search", "countdown"}))
        .parameter(&StateTracking::questions,
                   integer("questions", 1, "of a document, each from another start")
                       .at_least(1)
                       .at_most(1000))
        .parameter(&StateTracking::nodes,
                   integer("nodes", 0, "depth_first_search: of the graph; 0: as many as fit")
                       .at_least(0)
                       .at_most(kMostNodes))
        .parameter(&StateTracking::steps,
                   integer("steps", 0, "countdown: lines of an answer; 0: as many as fit")
                       .at_least(0)
                       .at_most(100000))
        .parameter(&StateTracking::counters,
                   integer("counters", 0, "countdown: 1 to 26; 0 for 3").at_least(0).at_most(26));
  }

  void configure(const Parameters& parameters) override {
    MadeReader::configure(parameters);
    if (is_search()) {
      refuse("steps", steps);
      refuse("counters", counters);
      check_size("nodes", nodes, std::max<std::int64_t>(questions, 2), "one for each question");
      return;
    }
    refuse("nodes", nodes);
    if (counters == 0) counters = 3;
    check_size("steps", steps, counters, "one for each counter");
  }

 protected:
  Document make(std::int64_t index) const override {
    const RandomKey key = document_key(task, index);
    const auto runs = static_cast<std::size_t>(questions);
    const auto size = static_cast<std::size_t>(is_search() ? nodes : steps);
    const auto least =
        static_cast<std::size_t>(is_search() ? std::max<std::int64_t>(questions, 2) : counters);
    const std::size_t most = is_search() ? kMostNodes : kNoLimit;
    Document document = fitted(
        size > 0 ? size : least, size > 0 ? size : most, is_search() ? "nodes" : "steps",
        [&](std::size_t count) {
          return document_of(is_search()
                                 ? depth_first_search(key, count, runs)
                                 : countdown(key, static_cast<std::size_t>(counters), count, runs));
        });
    document.id = task + '-' + std::to_string(index);
    return document;
  }

 private:
  bool is_search() const { return task == "depth_first_search"; }

  void refuse(const std::string& parameter, std::int64_t value) const {
    if (value == 0) return;
    throw Error({'"' + parameter + "\" does not go with task " + task, "dataset state_tracking",
                 "no \"" + parameter + '"', std::to_string(value),
                 "remove it, or take the other task"});
  }

  static void check_size(const std::string& parameter, std::int64_t value, std::int64_t least,
                         const std::string& why) {
    if (value == 0 || value >= least) return;
    throw Error({'"' + parameter + "\" is too small", "dataset state_tracking",
                 "at least " + std::to_string(least) + ", " + why, std::to_string(value),
                 "raise it, or leave it out: as many as fit"});
  }

  static Document document_of(const Procedure& procedure) {
    Document document;
    append(document, procedure.instruction, "instruction");
    append(document, "\n\n");
    const std::size_t begin = document.text.size();
    append(document, procedure.rules, "context");
    document.context_end = document.text.size();
    for (std::size_t r = 0; r < procedure.runs.size(); ++r) {
      const ProcedureRun& run = procedure.runs[r];
      // All of the rules are needed for each answer.
      mark(document, "evidence", begin, document.context_end, static_cast<std::int64_t>(r));
      std::string lines;
      for (const std::string& line : run.lines) lines += (lines.empty() ? "" : "\n") + line;
      ask(document, "\n\n" + procedure.question + ' ' + run.start + ":\n", lines).references =
          run.lines;
    }
    document.stop = {"\n\n"};
    return document;
  }
};

}  // namespace pressroom

PRESSROOM_DATASET(pressroom::StateTracking, "state_tracking", "1.0.0")
