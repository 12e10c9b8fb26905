#include "process_setup.h"

#include <fcntl.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "base/process_memory.h"
#include "base/utf8.h"
#include "command.h"
#include "signals.h"

namespace pressroom {
namespace {

constexpr const char* kReport =
    "if it happens again, report it with the command and the files it was given";

constexpr const char* kOneBlasThread = "OPENBLAS_NUM_THREADS=1";

// Where the address space is limited, OpenBLAS is not to start a thread for each core, with 140 MB
// each, while it is loaded: products run on threads of our own, and it is told so anyway before the
// first one. Returns where nothing is limited or it is told already.
void limit_blas(char** argv, char** environment) {
  rlimit limit = {};
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
  constexpr std::size_t kMost = 4096;
  static char* changed[kMost + 2];
  std::size_t count = 0;
  const std::size_t name = std::strlen(kOneBlasThread) - 1;
  for (; environment[count] != nullptr; ++count) {
    if (count == kMost || std::strncmp(environment[count], kOneBlasThread, name) == 0) return;
    changed[count] = environment[count];
  }
  changed[count] = const_cast<char*>(kOneBlasThread);
  ::execve("/proc/self/exe", argv, changed);  // on failure it goes on as it is
}

// Runs before the libraries set themselves up, which takes most of a second; and before the C
// library does: the environment can be changed for a program started anew only.
void before_libraries(int argc, char** argv, char** environment) {
  limit_blas(argv, environment);
  end_at_early_signals(argc, argv);
}

using Initializer = void (*)(int, char**, char**);
__attribute__((section(".preinit_array"), used)) Initializer run_first = before_libraries;

Problem out_of_memory() {
  return {"out of memory", "", "", "",
          "run fewer threads (--threads) or shorter contexts, hold weights in 16 bits (dtype), or "
          "allow the process more"};
}

Problem of_system_error(const std::system_error& error) {
  if (error.code() == std::errc::resource_unavailable_try_again) {
    return {"no thread could be started", "", "", error.code().message(),
            "run fewer threads (--threads 1), or allow more processes and memory (ulimit -u, -v)"};
  }
  return {"the system refused something", "", "", error.what(),
          "check the path, the permissions and the disk"};
}

// The message in a line of the log.
class EscapedMessage final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& line) override {
    const std::string text = escaped({message.payload.data(), message.payload.size()});
    line.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<spdlog::custom_flag_formatter> clone() const override {
    return std::make_unique<EscapedMessage>();
  }
};

}  // namespace

void hold_standard_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest that is free. Not for writing, so that what is printed is known to be lost.
    if (::open("/dev/null", O_RDONLY) < 0) return;
  }
}

void set_up_log() {
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<EscapedMessage>('*').set_pattern("%^%l%$: %*");
  spdlog::set_default_logger(spdlog::stderr_color_mt("pressroom"));
  spdlog::set_formatter(std::move(formatter));
}

std::vector<Problem> problems_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const Error& error) {
    return error.problems();
  } catch (const std::filesystem::filesystem_error& error) {
    return {{"a file cannot be used", error.path1().string(), "", error.code().message(),
             "check the path, the permissions and the disk"}};
  } catch (const std::system_error& error) {
    return {of_system_error(error)};
  } catch (const std::exception& error) {
    if (tells_of_memory(error)) return {out_of_memory()};
    return {{error.what(), "", "", "", kReport}};
  } catch (...) {
    return {{"something was thrown that is no exception", "", "", "", kReport}};
  }
}

}  // namespace pressroom
