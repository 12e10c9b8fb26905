// A text as one word of a POSIX shell, for command lines that people copy and scripts that are
// written.
//
//   shell_word("results/a.yaml")  ->  results/a.yaml
//   shell_word("it's")            ->  'it'\''s'
#pragma once

#include <string>

namespace pressroom {

// `text` as it is where no character of it means anything to a shell, else in quotes.
std::string shell_word(const std::string& text);

}  // namespace pressroom
