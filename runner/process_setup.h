// What has to be right about the process before a command runs, and what its end means.
#pragma once

#include <exception>
#include <vector>

#include "pressroom/error.h"

namespace pressroom {

// Makes writing to a standard stream that the process was started without fail, instead of going
// into whichever file is opened first.
void hold_standard_descriptors();

// Signals whose default is a sudden death and that are an error with a message here: a reader that
// went away, a file that may not grow.
void ignore_write_signals();

// What `thrown` says, as a user is to read it; never empty.
std::vector<Problem> problems_of(const std::exception_ptr& thrown);

}  // namespace pressroom
