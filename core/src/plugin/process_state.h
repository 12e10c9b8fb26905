// What belongs to the whole process, and a plugin must leave as it found it: the standard streams,
// what is done with signals, the current folder, the locale, threads.
//
//   const ProcessState before;
//   run_cell(...);
//   if (const std::string changed = before.put_back(); !changed.empty()) fail(changed);
#pragma once

#include <signal.h>
#include <sys/stat.h>

#include <array>
#include <set>
#include <string>

namespace pressroom {

class ProcessState {
 public:
  // Notes the state.
  ProcessState();
  ~ProcessState();
  ProcessState(const ProcessState&) = delete;
  ProcessState& operator=(const ProcessState&) = delete;

  // Puts back what can be; a thread that was left running cannot. Returns what had changed, in
  // words: "standard output was closed or replaced, the handler of SIGINT"; "" for nothing.
  std::string put_back() const;

 private:
  static constexpr std::array<int, 10> kSignals = {SIGINT,  SIGTERM, SIGHUP, SIGUSR1, SIGPIPE,
                                                   SIGCHLD, SIGSEGV, SIGFPE, SIGABRT, SIGXFSZ};
  static constexpr int kStreams = 3;

  std::array<struct stat, kStreams> streams_ = {};
  std::array<int, kStreams> copies_ = {-1, -1, -1};  // of the descriptors 0, 1 and 2
  std::array<struct sigaction, kSignals.size()> handlers_ = {};
  std::string folder_;
  std::string locale_;
  std::set<int> threads_;
};

}  // namespace pressroom
