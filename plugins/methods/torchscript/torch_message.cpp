#include "torch_message.h"

#include <torch/version.h>

#include <algorithm>
#include <utility>

namespace pressroom {
namespace {

// The message without TorchScript's traces, and the line of the source that it came from.
std::string without_trace(const std::string& message) {
  const std::size_t word = message.rfind("Error: ");
  if (message.find("Traceback of TorchScript") == std::string::npos || word == std::string::npos) {
    const std::size_t begin = std::min(message.find_first_not_of('\n'), message.size());
    return message.substr(begin, message.find('\n', begin) - begin);
  }
  std::string text = message.substr(message.rfind("\nRuntimeError: ") + 1);
  text = text.substr(0, text.find('\n'));
  // What follows is a list of every backend there is.
  const std::size_t backend = text.find("' backend. ");
  if (backend != std::string::npos) text = text.substr(0, backend + 9);
  const std::size_t line = message.rfind(", line ", word);
  if (line == std::string::npos) return text;
  return text + " (" + message.substr(line + 2, message.find('\n', line) - line - 2) + ')';
}

// The operator that libtorch says it does not have, or has with other arguments; "" for another
// message.
std::string unknown_operator(const std::string& message) {
  const std::string unknown = "Unknown builtin op: ";
  const std::string misfits = "Arguments for call are not valid.";
  const std::size_t at = message.find(unknown);
  if (at != std::string::npos) {
    const std::size_t begin = at + unknown.size();
    const std::string line = message.substr(begin, message.find('\n', begin) - begin);
    return line.substr(0, line.find_last_not_of(". ") + 1);
  }
  if (message.find(misfits) == std::string::npos) return "";
  const std::size_t begin = message.find("aten::");
  if (begin == std::string::npos) return "";
  return message.substr(begin, message.find('(', begin) - begin) + " with such arguments";
}

}  // namespace

Problem described(Problem problem, const std::string& message) {
  problem.got = without_trace(message);
  const std::string op = unknown_operator(message);
  if (op.empty()) return problem;
  problem.what = "the module uses an operator that the libtorch in use does not have";
  problem.expected = "operators of libtorch " TORCH_VERSION;
  problem.got = op;
  problem.fix = "write it with operators that are older, or build Pressroom with a newer libtorch";
  return problem;
}

}  // namespace pressroom
