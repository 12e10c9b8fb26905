// What libtorch says when a module fails, in words for the person who wrote it.
#pragma once

#include <string>

#include "pressroom/error.h"

namespace pressroom {

// `problem` with what libtorch's `message` says as what was got, without its traces but with the
// line of the Python source. Where the message is about an operator that this libtorch does not
// have, a problem that names the operator.
Problem described(Problem problem, const std::string& message);

}  // namespace pressroom
