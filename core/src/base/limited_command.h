// Runs another program within limits: for what may hang, take all memory, or end in any way.
//
//   CommandLimits limits;
//   limits.seconds = std::chrono::seconds(60);
//   const LimitedCommand child = run_limited({"/proc/self/exe", "..."}, limits);
//   if (!child.went_well()) complain(child.how_it_ended());   // "nothing within 60 s"
//
// It is no sandbox: the program may do to files and to the network what its user may.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace pressroom {

struct CommandLimits {
  std::chrono::seconds seconds{120};                     // of wall time
  std::uint64_t data_bytes = std::uint64_t{8} << 30;     // of memory of its own (RLIMIT_DATA)
  std::uint64_t file_bytes = std::uint64_t{64} << 20;    // of a file that it writes
  std::uint64_t output_bytes = std::uint64_t{64} << 20;  // kept of what it says, either way
  std::filesystem::path working_folder{};                // that it begins in; "": this process's
  std::string input{};                                   // that it reads on its standard input
  // Asked ten times a second; the program is ended where the answer is yes.
  std::function<bool()> stop_requested = [] { return false; };
};

struct LimitedCommand {
  enum class End { kExited, kSignalled, kTookTooLong, kStopped };
  End end = End::kExited;
  int code = 0;  // exit code, or number of the signal
  std::string output;
  std::string errors;

  bool went_well() const { return end == End::kExited && code == 0; }
  // "exit code 1", "Segmentation fault (SIGSEGV)", "nothing within 60 s"; and the last of what it
  // complained of, on one line that a terminal can show.
  std::string how_it_ended(const CommandLimits& limits) const;
};

// Runs the program at the path words[0] (PATH is not looked through) with `input` on its standard
// input, which it need not read, in a process group of its own. Whatever is left of the group is
// killed when it ends, and the program when this process ends. Throws Error where it cannot be
// started.
LimitedCommand run_limited(const std::vector<std::string>& words, const CommandLimits& limits);

}  // namespace pressroom
