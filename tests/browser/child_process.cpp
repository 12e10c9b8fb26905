#include "child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>
#include <thread>

namespace pressroom {
namespace {

// Starts a process that kills `group` when the other end of `life` is closed without a word: when
// this process was killed. It is nobody's child, so that who kills this process and all its
// children does not kill it.
void guard(pid_t group, const int (&life)[2]) {
  const pid_t between = ::fork();
  if (between != 0) {
    ::waitpid(between, nullptr, 0);
    return;
  }
  if (::fork() != 0) ::_exit(0);
  ::setsid();
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, life[1]}) {
    ::close(descriptor);
  }
  char word = 0;
  if (::read(life[0], &word, 1) == 0) ::kill(-group, SIGKILL);
  ::_exit(0);
}

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("no process");
  if (pid_ == 0) {
    ::setpgid(0, 0);
    ::dup2(ends[1], STDOUT_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    ::execvp(pointers[0], pointers.data());
    ::_exit(127);
  }
  ::setpgid(pid_, pid_);
  ::close(ends[1]);
  output_ = ends[0];
  int life[2];
  if (::pipe2(life, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  guard(pid_, life);
  ::close(life[0]);
  life_ = life[1];
}

ChildProcess::~ChildProcess() {
  ::kill(-pid_, SIGTERM);
  for (int i = 0; i < 40 && ::waitpid(pid_, nullptr, WNOHANG) == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  ::kill(-pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  ::close(output_);
  if (::write(life_, "", 1) != 1) ::kill(-pid_, SIGKILL);
  ::close(life_);
}

std::string ChildProcess::read_until(const std::string& part, std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  std::string text;
  for (;;) {
    const std::size_t found = text.find(part);
    const std::size_t line_end = found == std::string::npos ? found : text.find('\n', found);
    if (line_end != std::string::npos) {
      const std::size_t begin = text.rfind('\n', found);
      return text.substr(begin + 1, line_end - begin - 1);
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    pollfd readable = {output_, POLLIN, 0};
    char bytes[512];
    ssize_t count = 0;
    if (left.count() > 0 && ::poll(&readable, 1, static_cast<int>(left.count())) > 0) {
      count = ::read(output_, bytes, sizeof(bytes));
    }
    if (count <= 0) throw std::runtime_error("expected \"" + part + "\", it said: " + text);
    text.append(bytes, static_cast<std::size_t>(count));
  }
}

}  // namespace pressroom
