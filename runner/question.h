// A question to whoever runs a command, on their terminal.
//
//   if (is_there_to_answer() && answer_to("extend it?") == true) extend();
#pragma once

#include <optional>
#include <string>

namespace pressroom {

// Whether both standard input and standard error are a terminal.
bool is_there_to_answer();

// Puts `question` on standard error, with " (y/N) " behind it, and reads a line of standard input:
// true for "y" and "yes" in any case, false for all else and the end of the input; nothing when the
// command is to stop (signals.h).
std::optional<bool> answer_to(const std::string& question);

}  // namespace pressroom
