// A program that runs beside the test and does not outlive it.
//
//   ChildProcess driver({"chromedriver", "--port=0"});
//   driver.read_until("on port ", std::chrono::seconds(20));
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace pressroom {

class ChildProcess {
 public:
  // Starts words[0] of PATH in a process group of its own, its output on a pipe. Throws
  // std::runtime_error when it cannot.
  explicit ChildProcess(const std::vector<std::string>& words);
  // Ends the whole group: politely, and two seconds later by force.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // The line of the output that holds `part`. Throws std::runtime_error, with what was said, when
  // there is none in time.
  std::string read_until(const std::string& part, std::chrono::milliseconds limit);

 private:
  pid_t pid_ = -1;
  int output_ = -1;
  int life_ = -1;  // closed without a word when this process is killed: the group is then, too
};

}  // namespace pressroom
