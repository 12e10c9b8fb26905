#include "plugin/trial_load.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/pulse.h"
#include "base/signal_text.h"
#include "base/utf8.h"
#include "plugin/loaded_plugin.h"

namespace pressroom {
namespace {

// No plugin ends its process by chance with this.
constexpr int kSurvived = 119;
constexpr int kTries = 3;
constexpr std::size_t kShownOutput = 500;

// What the process writes: as much as a pipe holds while nobody reads it; the rest is dropped.
class Output {
 public:
  Output() {
    if (::pipe2(ends_, O_CLOEXEC | O_NONBLOCK) != 0) ends_[0] = ends_[1] = -1;
  }
  ~Output() {
    for (const int end : ends_) {
      if (end >= 0) ::close(end);
    }
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  int write_end() const { return ends_[1]; }

  // The last of it, on one line.
  std::string tail() const {
    std::string text(std::size_t{1} << 16, '\0');
    const ssize_t count = ends_[0] < 0 ? 0 : ::read(ends_[0], text.data(), text.size());
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (text.size() > kShownOutput) text.erase(0, text.size() - kShownOutput);
    std::replace(text.begin(), text.end(), '\n', ' ');
    while (!text.empty() && text.back() == ' ') text.pop_back();
    return escaped(text);
  }

 private:
  int ends_[2] = {-1, -1};
};

[[noreturn]] void be_the_trial(const PluginRecord& record, const Output& output) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::setpgid(0, 0);
  // What happens here is not to be taken for something of the process that asked.
  attach_pulse(nullptr);
  for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGINT, SIGTERM}) {
    std::signal(signal, SIG_DFL);
  }
  const rlimit no_core = {0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::dup2(output.write_end(), STDOUT_FILENO);
  ::dup2(output.write_end(), STDERR_FILENO);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  // Destructors of what the forking process had would find none of its threads.
  ::on_exit([](int code, void* /*nothing*/) { ::_exit(code); }, nullptr);
  try {
    const LoadedPlugin plugin(record);
  } catch (...) {  // is thrown once more where the plugin is loaded in earnest
  }
  ::_exit(kSurvived);
}

// Waits for the process as long as it may take; returns whether it takes longer.
bool takes_too_long(pid_t process, std::chrono::seconds most) {
  // Without pidfd_open, before Linux 5.3, there is no limit.
  const auto handle = static_cast<int>(::syscall(SYS_pidfd_open, process, 0));
  if (handle < 0) return false;
  pollfd news = {handle, POLLIN, 0};
  int count = -1;
  do {
    count = ::poll(&news, 1, static_cast<int>(most.count()) * 1000);
  } while (count < 0 && errno == EINTR);
  ::close(handle);
  return count <= 0;
}

Problem problem_of(const PluginRecord& record, int status, bool took_too_long,
                   std::chrono::seconds most, const Output& output) {
  Problem problem;
  problem.what =
      quoted_label(record.kind, record.name) +
      (took_too_long ? " does not return when it is loaded" : " ends the process that loads it");
  problem.where = record.file.string();
  problem.expected = "a plugin that loads, and says what it is";
  problem.got = took_too_long         ? "nothing within " + std::to_string(most.count()) + " s"
                : WIFSIGNALED(status) ? signal_text(WTERMSIG(status))
                                      : "exit(" + std::to_string(WEXITSTATUS(status)) + ")";
  if (const std::string said = output.tail(); !said.empty()) problem.got += "; it wrote: " + said;
  problem.fix = "look at its static objects, constructor and describe(), or leave it out";
  return problem;
}

// One try. `was_killed`: from outside, which says nothing of the plugin.
std::optional<Problem> try_once(const PluginRecord& record, std::chrono::seconds most,
                                bool& was_killed) {
  const Output output;
  std::fflush(nullptr);  // what stands in a buffer would be written twice
  const pid_t process = ::fork();
  if (process < 0) return std::nullopt;
  if (process == 0) be_the_trial(record, output);
  const bool took_too_long = takes_too_long(process, most);
  if (took_too_long) ::kill(process, SIGKILL);
  int status = 0;
  pid_t waited = -1;
  do {
    waited = ::waitpid(process, &status, 0);
  } while (waited < 0 && errno == EINTR);
  ::kill(-process, SIGKILL);  // what it has started
  if (waited < 0) return std::nullopt;
  was_killed = !took_too_long && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  if (WIFEXITED(status) && WEXITSTATUS(status) == kSurvived) return std::nullopt;
  return problem_of(record, status, took_too_long, most, output);
}

}  // namespace

std::optional<Problem> trial_load(const PluginRecord& record, std::chrono::seconds most) {
  std::optional<Problem> problem;
  for (int i = 0; i < kTries; ++i) {
    bool was_killed = false;
    problem = try_once(record, most, was_killed);
    if (!was_killed) break;
  }
  return problem;
}

}  // namespace pressroom
