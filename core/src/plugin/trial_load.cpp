#include "plugin/trial_load.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <string>

#include "base/pulse.h"
#include "base/signal_text.h"
#include "base/utf8.h"
#include "plugin/loaded_plugin.h"

namespace pressroom {
namespace {

// No plugin ends its process by chance with this.
constexpr int kSurvived = 119;
constexpr rlim_t kMostOutput = 1 << 20;
constexpr off_t kShownOutput = 500;

// Where the process writes: memory that grows up to kMostOutput, so that nobody needs to read it
// meanwhile.
class Output {
 public:
  Output() : descriptor_(::memfd_create("trial", MFD_CLOEXEC)) {}
  ~Output() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  int descriptor() const { return descriptor_; }

  // The last lines, on one.
  std::string tail() const {
    const off_t size = descriptor_ < 0 ? 0 : ::lseek(descriptor_, 0, SEEK_END);
    std::string text(static_cast<std::size_t>(std::clamp<off_t>(size, 0, kShownOutput)), '\0');
    const ssize_t count = text.empty() ? 0
                                       : ::pread(descriptor_, text.data(), text.size(),
                                                 size - static_cast<off_t>(text.size()));
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    std::replace(text.begin(), text.end(), '\n', ' ');
    while (!text.empty() && text.back() == ' ') text.pop_back();
    return escaped(text);
  }

 private:
  int descriptor_;
};

[[noreturn]] void be_the_trial(const PluginRecord& record, const Output& output) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // What happens here is not to be taken for something of the process that asked.
  attach_pulse(nullptr);
  for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGINT, SIGTERM}) {
    std::signal(signal, SIG_DFL);
  }
  const rlimit no_core = {0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit most_output = {kMostOutput, kMostOutput};
  ::setrlimit(RLIMIT_FSIZE, &most_output);
  ::dup2(output.descriptor(), STDOUT_FILENO);
  ::dup2(output.descriptor(), STDERR_FILENO);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  try {
    const LoadedPlugin plugin(record);
  } catch (...) {  // is thrown once more where the plugin is loaded in earnest
  }
  ::_exit(kSurvived);
}

// Waits for the process, and ends it where it takes too long; returns whether it did.
bool has_to_be_ended(pid_t process, std::chrono::seconds most) {
  // Without pidfd_open, before Linux 5.3, there is no limit.
  const auto handle = static_cast<int>(::syscall(SYS_pidfd_open, process, 0));
  if (handle < 0) return false;
  pollfd news = {handle, POLLIN, 0};
  int count = -1;
  do {
    count = ::poll(&news, 1, static_cast<int>(most.count()) * 1000);
  } while (count < 0 && errno == EINTR);
  ::close(handle);
  if (count != 0) return false;
  ::kill(process, SIGKILL);
  return true;
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

}  // namespace

std::optional<Problem> trial_load(const PluginRecord& record, std::chrono::seconds most) {
  const PluginCall inside(("trying to load " + quoted_label(record.kind, record.name)).c_str(), "");
  const Output output;
  std::fflush(nullptr);  // what stands in a buffer would be written twice
  const pid_t process = ::fork();
  if (process < 0) return std::nullopt;
  if (process == 0) be_the_trial(record, output);
  const bool took_too_long = has_to_be_ended(process, most);
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == kSurvived) return std::nullopt;
  return problem_of(record, status, took_too_long, most, output);
}

}  // namespace pressroom
