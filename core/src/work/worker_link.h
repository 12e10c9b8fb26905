// What a worker and its supervisor know of each other: a board in shared memory, and a pipe of
// messages from the worker.
//
//   WorkerBoard* board = make_board();             // before the worker is forked
//   // in the worker
//   WorkerLink link(board, pipe_end);
//   run_campaign(campaign, directory, host, command_line, link, write, settings);
//   link.done(kDone);
//   // in the supervisor
//   for (const nlohmann::json& message : reader.read(pipe_end)) ...
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/pulse.h"
#include "campaign/campaign.h"
#include "config/config.h"
#include "pressroom/error.h"

namespace pressroom {

// How much of its work a worker is asked to leave.
enum class Stop : int {
  kNone,
  kAfterCell,  // finish the cell and begin no other
  kNow,        // between two tokens
};

// What a user answered to a question of a worker.
enum class UserAnswer : int { kNone, kYes, kNo };

// Shared by a supervisor and one worker. Zeroed memory is a board of a worker that has not begun.
struct WorkerBoard {
  PulseBoard pulse;
  std::atomic<Stop> stop{Stop::kNone};
  std::atomic<UserAnswer> answer{UserAnswer::kNone};
  // Hashes of the labels of methods that are put aside, never 0; methods beyond these are not.
  std::array<std::atomic<std::uint64_t>, 64> aside{};
};

void put_aside(const std::string& method, WorkerBoard& board);

// In memory that survives both processes' ends and is shared with those forked from now on. Never
// given back. Throws Error where there is none.
WorkerBoard* make_board();

// The worker's side: passes on what happens, one JSON object a line. Each has `event`:
//
//   limits   seconds, stall_seconds, memory_mb, retries, threads: as in the config
//   leases   file: renews its leases when it is touched
//   plan     cells, tokens
//   begin    index, cell
//   again    why: after `begin`, where a result was stored
//   dropped  index
//   end      index, reused, seconds, error, perplexity
//   message  text
//   note     text
//   load     done, total
//   table    text: to be printed as it is
//   ask      text: a question, which the board has the answer to then
//   problem  what, where, expected, got, do: of the campaign's results, or why it cannot be run
//   trial    kind, name, and what, where, expected, got, do where the plugin did not survive it
//   done     code
class WorkerLink final : public CampaignObserver {
 public:
  // Both are borrowed.
  WorkerLink(WorkerBoard* board, int pipe);

  void on_leases(const std::filesystem::path& file) override;
  void on_message(const std::string& text) override;
  void on_note(const std::string& text) override;
  void on_load(std::int64_t done, std::int64_t total) override;
  void on_plan(std::size_t cells, std::int64_t tokens) override;
  void on_cell_begin(std::size_t index, const Cell& cell) override;
  void on_cell_again(const std::string& why) override;
  void on_cell_end(std::size_t index, const CellResult& result, bool reused) override;
  void on_cell_dropped(std::size_t index) override;
  bool stop_requested() override;
  bool no_more_cells() override;
  std::string put_aside(const std::string& method) override;

  void limits(const CampaignConfig& config);
  void table(const std::string& text);
  // Waits for the answer. Throws Interrupted on request.
  bool ask(const std::string& text);
  void problem(const Problem& problem);
  void trial(const std::string& kind, const std::string& name,
             const std::optional<Problem>& problem);
  // The last message: without it the worker did not end by itself.
  void done(int code);

 private:
  void send(const nlohmann::ordered_json& message);

  WorkerBoard* board_;
  int pipe_;
  std::mutex mutex_;  // of the pipe
};

// The supervisor's side: whole lines out of what a pipe gives.
class MessageReader {
 public:
  // What has arrived at `pipe`, which does not block, by now. Lines that are no JSON objects are
  // passed over: a plugin may have written to a descriptor that is not its own.
  std::vector<nlohmann::json> read(int pipe);

 private:
  std::string rest_;
};

}  // namespace pressroom
