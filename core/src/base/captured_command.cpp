#include "base/captured_command.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <memory>

#include "pressroom/error.h"

extern char** environ;

namespace pressroom {
namespace {

// A file without a name: unlike a pipe it takes all that is written while nobody reads.
using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

File nameless_file() {
  File file(std::tmpfile(), std::fclose);
  if (file) return file;
  throw Error({"what another program says cannot be kept", "", "a temporary file",
               std::strerror(errno), "make room in /tmp"});
}

std::string text_of(std::FILE* file) {
  std::string text;
  std::rewind(file);
  char bytes[4096];
  while (const std::size_t count = std::fread(bytes, 1, sizeof(bytes), file)) {
    text.append(bytes, count);
  }
  return text;
}

// posix_spawn's two lists of what the child does before it becomes the program.
class ChildSetup {
 public:
  ChildSetup() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
  }
  ~ChildSetup() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  ChildSetup(const ChildSetup&) = delete;
  ChildSetup& operator=(const ChildSetup&) = delete;

  void say_into(int output, int errors) {
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
  }
  // What this process ignores would be ignored by the program as well.
  void heed_write_signals() {
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGPIPE);
    ::sigaddset(&signals, SIGXFSZ);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF);
  }
  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_ = {};
  posix_spawnattr_t attributes_ = {};
};

// Runs it to its end, with its output and its complaints going where two descriptors lead.
CapturedCommand run_to_end(const std::vector<std::string>& words, int output, int errors) {
  std::vector<std::string> copies = words;
  std::vector<char*> pointers;
  pointers.reserve(copies.size() + 1);
  for (std::string& word : copies) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  ChildSetup setup;
  setup.say_into(output, errors);
  setup.heed_write_signals();
  // Where it is ignored, as whoever started this process may have it, how a child ended is lost.
  std::signal(SIGCHLD, SIG_DFL);
  CapturedCommand command;
  pid_t child = -1;
  const int failed = ::posix_spawnp(&child, words[0].c_str(), setup.actions(), setup.attributes(),
                                    pointers.data(), environ);
  if (failed == ENOENT) {
    command.was_found = false;
    return command;
  }
  if (failed != 0) {
    throw Error({words[0] + " cannot be started", "", "", std::strerror(failed), ""});
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  command.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return command;
}

}  // namespace

std::string CapturedCommand::said() const {
  std::string line;
  for (const char c : errors.find_first_not_of(" \n") == std::string::npos ? output : errors) {
    if (c != '\n') {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += "; ";
    }
  }
  while (!line.empty() && (line.back() == ' ' || line.back() == ';')) line.pop_back();
  return line.empty() ? "exit code " + std::to_string(exit_code) : line;
}

CapturedCommand run_captured(const std::vector<std::string>& words) {
  const File output = nameless_file();
  const File errors = nameless_file();
  CapturedCommand command = run_to_end(words, ::fileno(output.get()), ::fileno(errors.get()));
  command.output = text_of(output.get());
  command.errors = text_of(errors.get());
  return command;
}

CapturedCommand run_shown(const std::vector<std::string>& words, int output) {
  std::cout.flush();  // what was said before comes before
  return run_to_end(words, output, STDERR_FILENO);
}

}  // namespace pressroom
