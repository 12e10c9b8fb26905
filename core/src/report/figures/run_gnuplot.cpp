#include "report/figures/run_gnuplot.h"

#include <fcntl.h>
#include <spawn.h>
#include <spdlog/fmt/fmt.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFWriter.hh>
#include <thread>

#include "base/utf8.h"
#include "report/figures/gnuplot_script.h"

namespace pressroom {
namespace {

using Clock = std::chrono::steady_clock;

// posix_spawn's list of what the child does before it becomes gnuplot.
class ChildSetup {
 public:
  ChildSetup() { ::posix_spawn_file_actions_init(&actions_); }
  ~ChildSetup() { ::posix_spawn_file_actions_destroy(&actions_); }
  ChildSetup(const ChildSetup&) = delete;
  ChildSetup& operator=(const ChildSetup&) = delete;

  void enter(const std::filesystem::path& folder) {
    ::posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
  }
  void open(int descriptor, const std::filesystem::path& file, int flags) {
    ::posix_spawn_file_actions_addopen(&actions_, descriptor, file.c_str(), flags, 0644);
  }
  void copy(int from, int to) { ::posix_spawn_file_actions_adddup2(&actions_, from, to); }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_ = {};
};

enum class Ending {
  kExited,   // `status` is that of waitpid
  kStopped,  // it had to be killed
  kUnknown   // it is gone, and so is its status
};

// Waits for `child`, no longer than `limit`.
Ending ending_of(pid_t child, std::chrono::milliseconds limit, int& status) {
  const Clock::time_point end = Clock::now() + limit;
  auto pause = std::chrono::milliseconds(1);
  while (true) {
    const pid_t found = ::waitpid(child, &status, WNOHANG);
    if (found == child) return Ending::kExited;
    // EINTR is a signal to this process, as Ctrl-C, and says nothing of the child. ECHILD is a
    // process that ignores SIGCHLD, as some that start programs pass on to them: the kernel then
    // takes children away as they end, and one that failed must not pass for one that did not.
    if (found < 0 && errno != EINTR) return Ending::kUnknown;
    if (Clock::now() > end) {
      ::kill(child, SIGKILL);
      while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
      }
      return Ending::kStopped;
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, std::chrono::milliseconds(20));
  }
}

// The line of gnuplot's that tells what is wrong: the last one.
std::string complaint(const std::filesystem::path& log) {
  std::ifstream stream(log);
  std::string line;
  std::string last;
  while (std::getline(stream, line)) {
    if (line.find_first_not_of(" \t^") != std::string::npos) last = line;
  }
  return shortened(printable_line(last), 200);
}

}  // namespace

std::string run_gnuplot(const std::vector<std::string>& arguments,
                        const std::filesystem::path& folder, const std::filesystem::path& log,
                        std::chrono::milliseconds limit) {
  // Without the flag gnuplot reads the user's own settings first, and figures would differ.
  std::vector<std::string> words = {"gnuplot", "--default-settings"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  ChildSetup setup;
  setup.open(STDIN_FILENO, "/dev/null", O_RDONLY);
  setup.open(STDOUT_FILENO, std::filesystem::absolute(log), O_WRONLY | O_CREAT | O_TRUNC);
  setup.copy(STDOUT_FILENO, STDERR_FILENO);
  setup.enter(folder);
  pid_t child = -1;
  const int failed =
      ::posix_spawnp(&child, "gnuplot", setup.get(), nullptr, pointers.data(), environ);
  if (failed == ENOENT) return kGnuplotMissing;
  if (failed != 0) return fmt::format("gnuplot cannot be run: {}", std::strerror(failed));
  int status = 0;
  const Ending ending = ending_of(child, limit, status);
  if (ending == Ending::kStopped) {
    return fmt::format("gnuplot was stopped after {} s: figures are there as data only",
                       static_cast<double>(limit.count()) / 1000);
  }
  if (ending == Ending::kUnknown) {
    return "how gnuplot ended cannot be known where SIGCHLD is ignored: figures are there as data "
           "only";
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return "";
  return fmt::format("gnuplot failed: {}", complaint(log));
}

std::string undated_pdf(const std::string& pdf) {
  try {
    QPDF document;
    document.setSuppressWarnings(true);  // libraries do not print
    document.setAttemptRecovery(false);
    document.processMemoryFile("figure.pdf", pdf.data(), pdf.size());
    QPDFObjectHandle information = document.getTrailer().getKey("/Info");
    for (const char* date : {"/CreationDate", "/ModDate"}) {
      if (information.isDictionary()) information.removeKey(date);
    }
    QPDFWriter writer(document);
    writer.setOutputMemory();
    writer.setDeterministicID(true);
    writer.write();
    const auto bytes = writer.getBufferSharedPointer();
    return std::string(reinterpret_cast<const char*>(bytes->getBuffer()), bytes->getSize());
  } catch (const std::exception&) {
    return pdf;
  }
}

}  // namespace pressroom
