// Runs another program and keeps what it says, or shows it.
//
//   const CapturedCommand sbatch = run_captured({"sbatch", "job.sh"});
//   if (!sbatch.was_found) ...                            // no such program in PATH
//   if (sbatch.exit_code != 0) complain(sbatch.said());   // its complaint
#pragma once

#include <string>
#include <vector>

namespace pressroom {

struct CapturedCommand {
  bool was_found = true;
  int exit_code = 0;  // 128 and the signal's number where a signal ended it
  std::string output;
  std::string errors;

  // Its complaint on one line, or how it ended where it made none.
  std::string said() const;
};

// Runs the program that PATH has for words[0], as a shell would, but without one: each word arrives
// as it is. It reads nothing. Throws Error where it cannot be started though it is there.
CapturedCommand run_captured(const std::vector<std::string>& words);

// The same where what it says is shown as it comes, and not kept: its output goes to `output`, a
// descriptor of this process, and what it complains of to standard error.
CapturedCommand run_shown(const std::vector<std::string>& words, int output);

}  // namespace pressroom
