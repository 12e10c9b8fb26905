#include "base/limited_command.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
#include <thread>

#include "base/signal_text.h"
#include "base/utf8.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kShownComplaint = 600;
constexpr int kNotStarted = 127;

[[noreturn]] void cannot_start(const std::string& program, int error) {
  throw Error(
      {"a program cannot be started", program, "", std::strerror(error),
       "check its path; look at the limits of this machine (ulimit -u, -v, -n) and its memory"});
}

// A file without a name: what is written to it while nobody reads does not hold the program up.
class NamelessFile {
 public:
  explicit NamelessFile(const std::string& program)
      : descriptor_(::memfd_create("of a program", MFD_CLOEXEC)) {
    if (descriptor_ < 0) cannot_start(program, errno);
  }
  // With `bytes` in it, to be read from the first.
  NamelessFile(const std::string& program, std::string_view bytes) : NamelessFile(program) {
    while (!bytes.empty()) {
      const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) cannot_start(program, errno);
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    ::lseek(descriptor_, 0, SEEK_SET);
  }
  ~NamelessFile() { ::close(descriptor_); }
  NamelessFile(const NamelessFile&) = delete;
  NamelessFile& operator=(const NamelessFile&) = delete;

  int descriptor() const { return descriptor_; }

  std::string text(std::uint64_t most) const {
    std::string all;
    std::array<char, 1 << 16> bytes = {};
    ssize_t count = 0;
    while (all.size() < most && (count = ::pread(descriptor_, bytes.data(), bytes.size(),
                                                 static_cast<off_t>(all.size()))) > 0) {
      all.append(bytes.data(),
                 static_cast<std::size_t>(std::min<std::uint64_t>(count, most - all.size())));
    }
    return all;
  }

 private:
  int descriptor_;
};

// Carries the reason why the program was not started out of the child. Nothing comes where it was:
// the child's end is closed then.
class StartReport {
 public:
  explicit StartReport(const std::string& program) {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) cannot_start(program, errno);
  }
  ~StartReport() {
    close_end(0);
    close_end(1);
  }
  StartReport(const StartReport&) = delete;
  StartReport& operator=(const StartReport&) = delete;

  // In the child: takes no lock and allocates nothing.
  void send(int error) const {
    while (::write(ends_[1], &error, sizeof error) < 0 && errno == EINTR) {
    }
  }

  // In the parent, once: waits until the child has begun or failed to. 0 where it has begun.
  int receive() {
    close_end(1);
    int error = 0;
    ssize_t count = -1;
    do {
      count = ::read(ends_[0], &error, sizeof error);
    } while (count < 0 && errno == EINTR);
    return count == sizeof error ? error : 0;
  }

 private:
  void close_end(std::size_t end) {
    if (ends_[end] >= 0) ::close(ends_[end]);
    ends_[end] = -1;
  }

  std::array<int, 2> ends_ = {-1, -1};
};

void limit(decltype(RLIMIT_DATA) what, std::uint64_t most) {
  rlimit now = {};
  if (::getrlimit(what, &now) != 0) return;
  now.rlim_cur = std::min<rlim_t>(most, now.rlim_max);
  now.rlim_max = now.rlim_cur;
  ::setrlimit(what, &now);
}

// Between fork and exec: nothing that takes a lock, allocates, or throws.
[[noreturn]] void become_program(char* const* words, const NamelessFile& input,
                                 const NamelessFile& output, const NamelessFile& errors,
                                 const CommandLimits& limits, const StartReport& report,
                                 pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(kNotStarted);  // it ended before the line above
  ::setpgid(0, 0);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ, SIGCHLD}) {
    std::signal(signal, SIG_DFL);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_DATA, limits.data_bytes);
  limit(RLIMIT_FSIZE, limits.file_bytes);
  ::dup2(input.descriptor(), STDIN_FILENO);
  ::dup2(output.descriptor(), STDOUT_FILENO);
  ::dup2(errors.descriptor(), STDERR_FILENO);
  const char* const folder = limits.working_folder.c_str();
  if (*folder == '\0' || ::chdir(folder) == 0) ::execv(words[0], words);
  report.send(errno);
  ::_exit(kNotStarted);
}

// Whether it has ended by then; its status.
bool has_ended(pid_t child, int& status) {
  pid_t waited = -1;
  do {
    waited = ::waitpid(child, &status, WNOHANG);
  } while (waited < 0 && errno == EINTR);
  return waited != 0;
}

LimitedCommand::End wait_for(pid_t child, const CommandLimits& limits, int& status) {
  const Clock::time_point last = Clock::now() + limits.seconds;
  std::chrono::milliseconds pause(2);
  LimitedCommand::End end = LimitedCommand::End::kExited;
  while (!has_ended(child, status)) {
    if (limits.stop_requested()) end = LimitedCommand::End::kStopped;
    if (Clock::now() >= last) end = LimitedCommand::End::kTookTooLong;
    if (end != LimitedCommand::End::kExited) {
      ::kill(-child, SIGKILL);
      ::kill(child, SIGKILL);  // where it has not made its group yet
      while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
      }
      return end;
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::milliseconds(100));
  }
  return end;
}

}  // namespace

std::string LimitedCommand::how_it_ended(const CommandLimits& limits) const {
  std::string text;
  switch (end) {
    case End::kExited:
      text = "exit code " + std::to_string(code);
      break;
    case End::kSignalled:
      text = signal_text(code);
      break;
    case End::kTookTooLong:
      text = "nothing within " + std::to_string(limits.seconds.count()) + " s";
      break;
    case End::kStopped:
      text = "it was stopped";
  }
  std::string said = errors.substr(errors.size() - std::min(errors.size(), kShownComplaint));
  std::replace(said.begin(), said.end(), '\n', ' ');
  while (!said.empty() && said.back() == ' ') said.pop_back();
  return said.empty() ? text : text + "; it said: " + escaped(said);
}

LimitedCommand run_limited(const std::vector<std::string>& words, const CommandLimits& limits) {
  std::vector<std::string> copies = words;
  std::vector<char*> pointers;
  pointers.reserve(copies.size() + 1);
  for (std::string& word : copies) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const NamelessFile input(words[0], limits.input);
  const NamelessFile output(words[0]);
  const NamelessFile errors(words[0]);
  StartReport report(words[0]);
  // Where it is ignored, as whoever started this process may have it, how a child ended is lost.
  std::signal(SIGCHLD, SIG_DFL);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) cannot_start(words[0], errno);
  if (child == 0) become_program(pointers.data(), input, output, errors, limits, report, parent);
  int status = 0;
  if (const int error = report.receive(); error != 0) {
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    cannot_start(words[0], error);
  }
  LimitedCommand command;
  command.end = wait_for(child, limits, status);
  ::kill(-child, SIGKILL);  // what it has started
  if (command.end == LimitedCommand::End::kExited) {
    if (WIFSIGNALED(status)) command.end = LimitedCommand::End::kSignalled;
    command.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
  }
  command.output = output.text(limits.output_bytes);
  command.errors = errors.text(limits.output_bytes);
  return command;
}

}  // namespace pressroom
