// One worker as its supervisor sees it: the process, its board, its messages and what it prints.
//
//   WorkerProcess worker(0);
//   worker.start(task, body);
//   worker.board().pulse.tokens;
//   if (worker.has_ended()) worker.reap();
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "work/death.h"
#include "work/supervisor.h"
#include "work/worker_link.h"
#include "work/worker_log.h"

namespace pressroom {

// The cell that a worker is at.
struct CellInWork {
  std::size_t index = 0;  // in the plan
  std::chrono::steady_clock::time_point begun;
  bool is_told = false;  // in the log, as it takes long
};

class WorkerProcess {
 public:
  using Clock = std::chrono::steady_clock;

  explicit WorkerProcess(std::size_t number);
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  // Forks. Throws Error where the system gives no process.
  void start(const WorkerTask& task, const WorkerBody& body);

  bool is_running() const { return pid_ > 0; }
  std::size_t number() const { return number_; }
  const WorkerTask& task() const { return task_; }
  WorkerBoard& board() { return *board_; }
  WorkerLog& log() { return log_; }

  // What it has said by now.
  std::vector<nlohmann::json> read_messages() { return reader_.read(messages_); }
  // Puts into the log what it has printed by now.
  void take_output() { log_.read(output_); }
  int message_pipe() const { return messages_; }
  int output_pipe() const { return output_; }

  // Tokens fed since the last call.
  std::int64_t new_tokens();
  // Since when the board has shown no sign of progress.
  Clock::time_point moved_at();
  // For so long nothing ran: all limits of time begin that much later.
  void forgive(Clock::duration time);
  // Resident, of the process; 0 where it cannot be told.
  std::int64_t memory_mb() const;

  void kill(Limit limit, std::int64_t value);
  // Whether the process has ended; it is still there to be waited for then, and holds its leases.
  bool has_ended();
  // Lets it go.
  void reap();
  // Of a process that has ended.
  Death death() const;

  std::optional<CellInWork> cell;
  std::filesystem::path lease_file;  // "" until it said so
  bool is_done = false;              // said that it was
  int code = 0;                      // that it gave then

 private:
  [[noreturn]] void be_the_worker(const WorkerBody& body, int supervisor, int messages, int output);

  std::size_t number_;
  WorkerTask task_;
  WorkerBoard* board_;
  WorkerLog log_;
  MessageReader reader_;
  pid_t pid_ = -1;
  int messages_ = -1;
  int output_ = -1;
  int status_ = 0;
  Limit limit_ = Limit::kNone;
  std::int64_t limit_value_ = 0;
  std::int64_t kills_before_ = 0;
  std::int64_t tokens_seen_ = 0;
  std::uint64_t beats_seen_ = 0;
  Clock::time_point moved_;
};

}  // namespace pressroom
