#include "work/death.h"

#include <sys/wait.h>

#include <csignal>
#include <cstdlib>

#include "base/signal_text.h"
#include "base/utf8.h"
#include "base/whole_file.h"

namespace pressroom {
namespace {

// The number behind `name` in a file of "name number" lines; 0 where there is none.
std::int64_t number_in(const std::string& file, const std::string& name) {
  const std::string text = text_of_file(file);
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    const bool is_line = at == 0 || text[at - 1] == '\n';
    const std::size_t end = at + name.size();
    if (is_line && end < text.size() && text[end] == ' ') {
      return std::strtoll(text.c_str() + end, nullptr, 10);
    }
  }
  return 0;
}

// Where it was: of the thread that crashed, else of the one that has been in a plugin for longest.
std::string place_of(const WorkerBoard& board) {
  const PulseBoard& pulse = board.pulse;
  const int crashed = pulse.crash.place;
  if (crashed >= 0 && crashed < static_cast<int>(PulseBoard::kPlaces)) {
    return in_words(pulse.places[static_cast<std::size_t>(crashed)]);
  }
  if (pulse.crash.signal != 0) return "in a thread that no call of a plugin is known of";
  const PulsePlace* const longest = longest_in_plugin(pulse);
  return longest != nullptr ? in_words(*longest) : "outside of plugins";
}

// The thread that crashed is known, unless there was no time to note it.
bool is_plugin_at_fault(const WorkerBoard& board) {
  if (board.pulse.crash.signal != 0) return board.pulse.crash.place >= 0;
  return longest_in_plugin(board.pulse) != nullptr;
}

}  // namespace

std::int64_t kills_for_memory() {
  return number_in("/proc/vmstat", "oom_kill") +
         number_in("/sys/fs/cgroup/memory.events", "oom_kill");
}

bool may_pass_by(const Death& death) {
  if (death.limit != Limit::kNone) return false;
  if (!WIFSIGNALED(death.status)) return false;
  const int signal = WTERMSIG(death.status);
  return signal == SIGKILL || signal == SIGTERM || signal == SIGHUP || signal == SIGINT;
}

Problem problem_of(const Death& death, const WorkerBoard& board, const WorkerLog& log) {
  Problem problem;
  problem.where = place_of(board);
  const std::string value = std::to_string(death.limit_value);
  switch (death.limit) {
    case Limit::kSeconds:
      problem.what = "the cell took longer than it may";
      problem.expected = "at most " + value + " s (limits.seconds)";
      problem.got = "it was ended";
      problem.fix = "raise the limit, or find out what takes so long there";
      break;
    case Limit::kStall:
      problem.what = "the cell no longer moved";
      problem.expected =
          "a token fed or a call of a plugin ended within " + value + " s (limits.stall_seconds)";
      problem.got = "it was ended";
      problem.fix = "fix what does not return there, or raise the limit";
      break;
    case Limit::kMemory:
      problem.what = "the cell took more memory than it may";
      problem.expected = "at most " + value + " MB in RAM (limits.memory_mb)";
      problem.got = "it was ended";
      problem.fix = "raise the limit, or find out what takes the memory there";
      break;
    case Limit::kNone:
      if (WIFEXITED(death.status)) {
        problem.what = "a plugin ended the process";
        problem.expected = "code that returns or throws";
        problem.got = "exit(" + std::to_string(WEXITSTATUS(death.status)) + ")";
        problem.fix = "throw pressroom::Error in its place";
      } else if (death.was_out_of_memory && WTERMSIG(death.status) == SIGKILL) {
        problem.what = "the worker was killed as memory ran out";
        problem.expected = "memory for what runs at once";
        problem.got = signal_text(WTERMSIG(death.status));
        problem.fix =
            "run fewer workers, shorter contexts, or weights in 16 bits; "
            "limits.memory_mb finds out who takes it";
      } else if (may_pass_by(death)) {
        problem.what = "the worker was killed from outside";
        problem.got = signal_text(WTERMSIG(death.status));
        problem.fix = "run the campaign again";
      } else {
        problem.what = is_plugin_at_fault(board) ? "the method crashed" : "the worker crashed";
        problem.got = signal_text(WTERMSIG(death.status));
        problem.fix = "run it under a debugger with --in-process";
      }
  }
  const std::string file(board.pulse.crash.file.data());
  if (!file.empty()) problem.got += " in " + file;
  if (const std::string lines = log.last_lines(); !lines.empty()) {
    problem.got += "; the last that it wrote (" + log.file().string() + "): " + escaped(lines);
  }
  return problem;
}

}  // namespace pressroom
