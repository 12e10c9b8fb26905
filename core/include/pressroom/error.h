// How Pressroom says that something is wrong.
//
// There are two kinds of failure. A *user error* - a bad file, a bad config, a bad plugin - is an
// `Error`, and carries everything a person needs to fix it: what is wrong, where, what was
// expected, what was found instead, and what to do. A *bug* is a failed PRESSROOM_ASSERT.
//
//   throw Error({"the model directory has no config.json", dir.string(),
//                "a Hugging Face model directory", "no such file", "check the path"});
//
// Library code never prints and never exits; the runner turns an Error into text and an exit code.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace pressroom {

// One mistake, in the parts every error message of Pressroom has. Only `what` is required; an empty
// part is left out of the text.
struct Problem {
  std::string what;      // one clause, no full stop: "budget is smaller than what is protected"
  std::string where;     // a path, or file:line:column, or the place in a run (layer, head, step)
  std::string expected;  // what would have been right
  std::string got;       // what was found, quoted values and all
  std::string fix;       // the next thing to do

  // The message, one part a line:
  //
  //   configs/a.yaml:7:3: unknown key "methds"
  //     expected: name, model, protocol, datasets, methods
  //     got:      methds
  //     do:       did you mean "methods"?
  std::string text() const;
};

// A user error: one problem or several that were found together.
class Error : public std::runtime_error {
 public:
  explicit Error(Problem problem);
  explicit Error(std::vector<Problem> problems);
  ~Error() override;

  const std::vector<Problem>& problems() const { return problems_; }

 private:
  std::vector<Problem> problems_;
};

// Of `candidates`, the one closest to `word` by edit distance, or "" when none is close enough to
// be worth suggesting (more than a third of the letters differ).
std::string closest_match(const std::string& word, const std::vector<std::string>& candidates);

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace pressroom

// A bug in Pressroom or in a plugin's use of it, never something that input can trigger.
#define PRESSROOM_ASSERT(condition)   \
  ((condition) ? static_cast<void>(0) \
               : ::pressroom::assertion_failed(#condition, __FILE__, __LINE__))
