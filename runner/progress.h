// How a campaign is seen on standard error: a bar that moves where it is a terminal, a line for
// each finished cell where it is not.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "campaign/campaign.h"

namespace pressroom {

class Progress final : public CampaignObserver {
 public:
  Progress();

  void on_message(const std::string& text) override;
  void on_plan(const std::vector<PlannedCell>& cells, std::int64_t tokens) override;
  void on_cell_begin(const PlannedCell& cell) override;
  void on_tokens(std::int64_t tokens) override;
  void on_cell_end(const CellResult& result, bool reused) override;
  bool stop_requested() override;

  // Removes the bar, so that what is printed next starts on a clean line.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  void draw(bool force);
  std::string bar() const;

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
};

}  // namespace pressroom
