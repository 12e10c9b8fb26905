#include "work/worker_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <system_error>
#include <utility>

#include "base/whole_file.h"

namespace pressroom {
namespace {

struct Pipe {
  int read_end = -1;
  int write_end = -1;
};

Pipe open_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    throw Error({"a worker cannot be started", "", "a pipe", std::generic_category().message(errno),
                 "allow more open files (ulimit -n)"});
  }
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return {ends[0], ends[1]};
}

// Before any other process of the machine, where memory runs out.
void offer_to_the_killer() {
  const int file = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  if (::write(file, "500", 3) < 0) errno = 0;
  ::close(file);
}

}  // namespace

WorkerProcess::WorkerProcess(std::size_t number) : number_(number), board_(make_board()) {}

WorkerProcess::~WorkerProcess() {
  if (is_running()) {
    ::kill(pid_, SIGKILL);
    reap();
  }
}

void WorkerProcess::start(const WorkerTask& task, const WorkerBody& body) {
  task_ = task;
  const Pipe messages = open_pipe();
  const Pipe output = open_pipe();
  const Stop stop = board_->stop;
  const auto aside = [&] {
    std::array<std::uint64_t, 64> names{};
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = board_->aside[i];
    return names;
  }();
  new (board_) WorkerBoard;  // of the one before, but for what the supervisor asks
  board_->stop = stop;
  for (std::size_t i = 0; i < aside.size(); ++i) board_->aside[i] = aside[i];
  cell.reset();
  lease_file.clear();
  is_done = false;
  reader_ = MessageReader();
  log_.restart();
  limit_ = Limit::kNone;
  kills_before_ = kills_for_memory();
  tokens_seen_ = 0;
  beats_seen_ = 0;
  moved_ = Clock::now();
  // What stands in a buffer would be written twice.
  std::fflush(nullptr);
  const pid_t supervisor = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) {
    throw Error({"a worker cannot be started", "", "another process",
                 std::generic_category().message(errno), "allow more processes (ulimit -u)"});
  }
  if (pid_ == 0) be_the_worker(body, supervisor, messages.write_end, output.write_end);
  ::close(messages.write_end);
  ::close(output.write_end);
  messages_ = messages.read_end;
  output_ = output.read_end;
}

void WorkerProcess::be_the_worker(const WorkerBody& body, int supervisor, int messages,
                                  int output) {
  // Whoever kills the supervisor does not mean to leave its workers behind.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != supervisor) ::_exit(0);
  // The supervisor is asked to stop, by whoever asks, and asks the workers.
  // Schedulers send TERM to every process of a job.
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGHUP}) std::signal(signal, SIG_IGN);
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  // A plugin that closes what is not its own, or writes there, begins with low numbers.
  const int high = ::fcntl(messages, F_DUPFD_CLOEXEC, 200);
  if (high >= 0) {
    ::close(messages);
    messages = high;
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0);  // what is printed before a crash is not lost
  offer_to_the_killer();
  attach_pulse(&board_->pulse);
  note_crashes();
  note_exits();
  WorkerLink link(board_, messages);
  int code = 0;
  try {
    code = body(task_, link);
  } catch (...) {
    std::abort();  // the body makes problems of everything
  }
  std::fflush(nullptr);
  link.done(code);
  // No destructors: plugins have some, too, and nothing is left to be done.
  ::_exit(0);
}

std::int64_t WorkerProcess::new_tokens() {
  const std::int64_t tokens = board_->pulse.tokens;
  return tokens - std::exchange(tokens_seen_, tokens);
}

WorkerProcess::Clock::time_point WorkerProcess::moved_at() {
  const std::uint64_t beats = board_->pulse.beats;
  if (std::exchange(beats_seen_, beats) != beats) moved_ = Clock::now();
  return moved_;
}

void WorkerProcess::forgive(Clock::duration time) {
  moved_ += time;
  if (cell) cell->begun += time;
}

std::int64_t WorkerProcess::memory_mb() const {
  // "pages resident shared ...".
  const std::string text = text_of_file("/proc/" + std::to_string(pid_) + "/statm");
  const std::size_t blank = text.find(' ');
  if (blank == std::string::npos) return 0;
  const std::int64_t pages = std::strtoll(text.c_str() + blank, nullptr, 10);
  return pages * ::sysconf(_SC_PAGESIZE) / (1 << 20);
}

void WorkerProcess::kill(Limit limit, std::int64_t value) {
  if (limit_ == Limit::kNone) {
    limit_ = limit;
    limit_value_ = value;
  }
  ::kill(pid_, SIGKILL);
}

bool WorkerProcess::has_ended() {
  siginfo_t info = {};
  if (!is_running() ||
      ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
    return false;
  }
  if (info.si_pid != pid_) return false;
  // As waitpid would give it.
  status_ = info.si_code == CLD_EXITED ? W_EXITCODE(info.si_status, 0) : info.si_status;
  return true;
}

void WorkerProcess::reap() {
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  ::close(messages_);
  ::close(output_);
  messages_ = -1;
  output_ = -1;
}

Death WorkerProcess::death() const {
  return {status_, limit_, limit_value_, kills_for_memory() > kills_before_};
}

}  // namespace pressroom
