#include "question.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <iostream>

#include "base/utf8.h"
#include "command.h"
#include "signals.h"

namespace pressroom {
namespace {

constexpr int kLookMilliseconds = 100;  // at whether to stop

// Whether a byte can be read; nothing when the command is to stop.
std::optional<bool> wait_for_input() {
  for (;;) {
    if (stop_was_requested()) return std::nullopt;
    pollfd input = {STDIN_FILENO, POLLIN, 0};
    if (::poll(&input, 1, kLookMilliseconds) > 0) return true;
  }
}

}  // namespace

bool is_there_to_answer() { return is_terminal(STDIN_FILENO) && is_terminal(STDERR_FILENO); }

std::optional<bool> answer_to(const std::string& question) {
  std::cerr << printable(question) << " (y/N) " << std::flush;
  std::string line;
  for (char c = 0; c != '\n';) {
    if (!wait_for_input()) return std::nullopt;
    if (::read(STDIN_FILENO, &c, 1) != 1) break;
    if (c != '\n' && c != '\r') line += static_cast<char>(std::tolower(c));
  }
  return line == "y" || line == "yes";
}

}  // namespace pressroom
