// What has to be right about the process before a command runs, and what its end means.
#pragma once

#include <exception>
#include <vector>

#include "pressroom/error.h"

namespace pressroom {

// Makes writing to a standard stream that the process was started without fail, instead of going
// into whichever file is opened first.
void hold_standard_descriptors();

// Makes spdlog's default logger: warnings and errors go to standard error, with the level in front.
// Every message is printed as escaped() has it (base/utf8.h): what files, plugins and
// libraries say is UTF-8 there and steers no terminal.
void set_up_log();

// What `thrown` says, as a user is to read it; never empty.
std::vector<Problem> problems_of(const std::exception_ptr& thrown);

}  // namespace pressroom
