// What libtorch says when a module fails, in words for the person who wrote it.
#pragma once

#include <c10/util/Exception.h>

#include <exception>
#include <string>

#include "pressroom/error.h"

namespace pressroom {

// `problem` with what libtorch's `message` says as what was got, without its traces but with the
// line of the Python source. Where the message is about an operator that this libtorch does not
// have, a problem that names the operator.
Problem described(Problem problem, const std::string& message);

// What `call` returns; what libtorch throws becomes an Error with `problem` so described.
template <typename Call>
auto translated(const Problem& problem, const Call& call) {
  try {
    return call();
  } catch (const c10::Error& error) {
    throw Error(described(problem, error.what_without_backtrace()));
  } catch (const std::exception& error) {
    throw Error(described(problem, error.what()));
  }
}

}  // namespace pressroom
