#include "process_setup.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <new>
#include <system_error>

#include "command.h"

namespace pressroom {
namespace {

constexpr const char* kReport =
    "if it happens again, report it with the command and the files it was given";

// Of a command that has not begun to write: there is nothing to be lost.
void end_interrupted(int /*signal*/) {
  constexpr char kMessage[] = "warning: interrupted; run the same command again to finish\n";
  if (::write(STDERR_FILENO, kMessage, sizeof(kMessage) - 1) < 0) ::_exit(kInterrupted);
  ::_exit(kInterrupted);
}

bool is_resumable(const char* command) {
  for (const char* name : {"run", "train", "pull"}) {
    if (std::strcmp(command, name) == 0) return true;
  }
  return false;
}

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
  if (argc < 2 || !is_resumable(argv[1])) return;
  struct sigaction action = {};
  action.sa_handler = end_interrupted;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
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

}  // namespace

void hold_standard_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest that is free. Not for writing, so that what is printed is known to be lost.
    if (::open("/dev/null", O_RDONLY) < 0) return;
  }
}

void ignore_write_signals() {
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
}

std::vector<Problem> problems_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const Error& error) {
    return error.problems();
  } catch (const std::bad_alloc&) {
    return {out_of_memory()};
  } catch (const std::filesystem::filesystem_error& error) {
    return {{"a file cannot be used", error.path1().string(), "", error.code().message(),
             "check the path, the permissions and the disk"}};
  } catch (const std::system_error& error) {
    return {of_system_error(error)};
  } catch (const std::exception& error) {
    return {{error.what(), "", "", "", kReport}};
  } catch (...) {
    return {{"something was thrown that is no exception", "", "", "", kReport}};
  }
}

}  // namespace pressroom
