#include "work/run_tally.h"

namespace pressroom {

std::optional<RunCounts> RunTally::counts() const {
  if (!planned_) return std::nullopt;
  RunCounts counts;
  counts.planned = *planned_;
  for (const auto& [index, failed] : has_failed_) {
    if (failed) {
      ++counts.failed;
    } else if (begun_.count(index) > 0) {
      ++counts.run;
    } else {
      ++counts.reused;
    }
  }
  counts.waiting = counts.planned - has_failed_.size();
  return counts;
}

void RunTally::on_plan(std::size_t cells, std::int64_t tokens) {
  planned_ = cells;
  next_.on_plan(cells, tokens);
}

void RunTally::on_cell_begin(std::size_t index, const Cell& cell) {
  begun_.insert(index);
  next_.on_cell_begin(index, cell);
}

void RunTally::on_cell_end(std::size_t index, const CellResult& result, bool reused) {
  has_failed_[index] = !result.error.empty();
  next_.on_cell_end(index, result, reused);
}

void RunTally::on_cell_dropped(std::size_t index) {
  begun_.erase(index);
  next_.on_cell_dropped(index);
}

}  // namespace pressroom
