// How a campaign is seen on standard error: a bar that moves where it is a terminal, a line for
// each finished cell where it is not.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

#include "campaign/campaign.h"

namespace pressroom {

// A line that says how much of a model has been loaded, on a terminal only; gone when all has.
class LoadLine {
 public:
  LoadLine();
  void show(std::int64_t done, std::int64_t total);

 private:
  const bool moving_;
  int percent_ = -1;
};

class Progress final : public CampaignObserver {
 public:
  Progress();
  ~Progress() override { clear(); }

  void on_message(const std::string& text) override;
  void on_note(const std::string& text) override;
  void on_load(std::int64_t done, std::int64_t total) override { load_line_.show(done, total); }
  void on_plan(std::size_t cells, std::int64_t tokens) override;
  void on_cell_begin(std::size_t index, const Cell& cell) override;
  void on_cell_again(const std::string& why) override;
  void on_tokens(std::int64_t tokens) override;
  void on_cell_end(std::size_t index, const CellResult& result, bool reused) override;
  bool stop_requested() override;
  bool no_more_cells() override;

  // Removes the bar, so that what is printed next starts on a clean line.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  void draw(bool force);
  std::string bar() const;

  LoadLine load_line_;
  const bool moving_;
  std::mutex mutex_;  // of everything below; tokens come from several threads
  Clock::time_point begin_;
  Clock::time_point last_drawn_;
  std::size_t cells_ = 0;
  std::size_t cells_done_ = 0;
  std::int64_t tokens_ = 0;
  std::int64_t tokens_done_ = 0;  // reused cells included
  std::int64_t tokens_run_ = 0;   // fed in this run
  std::string cell_;
  std::string again_;  // why it is run although a result was stored; "" where none was
};

}  // namespace pressroom
