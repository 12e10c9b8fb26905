// Counts what becomes of the cells of a run, while somebody else is told of it.
//
//   Progress progress;
//   RunTally tally(progress);
//   supervise(settings, body, tally, stop_requested, print, complain);
//   tally.counts().failed;   // 2 of tally.counts().planned
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>

#include "campaign/campaign.h"

namespace pressroom {

// What became of the planned cells. Each is counted once:
// run + failed + reused + waiting = planned.
struct RunCounts {
  std::size_t planned = 0;
  std::size_t run = 0;      // by this run, and well
  std::size_t failed = 0;   // in this run, here or in another process that has part in it
  std::size_t reused = 0;   // that had a result, or got one from another process
  std::size_t waiting = 0;  // that have none yet
};

class RunTally final : public CampaignObserver {
 public:
  // `next`, borrowed, is told everything.
  explicit RunTally(CampaignObserver& next) : next_(next) {}

  // Nothing before there is a plan: such a run has not begun.
  std::optional<RunCounts> counts() const;

  void on_message(const std::string& text) override { next_.on_message(text); }
  void on_note(const std::string& text) override { next_.on_note(text); }
  void on_leases(const std::filesystem::path& file) override { next_.on_leases(file); }
  void on_load(std::int64_t done, std::int64_t total) override { next_.on_load(done, total); }
  void on_plan(std::size_t cells, std::int64_t tokens) override;
  void on_cell_begin(std::size_t index, const Cell& cell) override;
  void on_cell_again(const std::string& why) override { next_.on_cell_again(why); }
  void on_tokens(std::int64_t tokens) override { next_.on_tokens(tokens); }
  void on_cell_end(std::size_t index, const CellResult& result, bool reused) override;
  void on_cell_dropped(std::size_t index) override;
  bool stop_requested() override { return next_.stop_requested(); }
  bool no_more_cells() override { return next_.no_more_cells(); }
  std::string put_aside(const std::string& method) override { return next_.put_aside(method); }

 private:
  CampaignObserver& next_;
  std::optional<std::size_t> planned_;
  // By index. Which process saw a result first says nothing of who made it; who began the cell
  // does.
  std::set<std::size_t> begun_;             // here, and not lost to another process
  std::map<std::size_t, bool> has_failed_;  // of cells that have ended
};

}  // namespace pressroom
