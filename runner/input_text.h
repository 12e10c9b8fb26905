// A text that a command is given by the name of its file.
#pragma once

#include <string>

namespace pressroom {

// The bytes of the file `name`, of standard input where that is "-". Throws Error, as about `what`
// ("the text"), where it cannot be read.
std::string input_text(const std::string& name, const std::string& what);

}  // namespace pressroom
