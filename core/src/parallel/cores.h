// How many threads there is work for.
#pragma once

#include <cstdint>

namespace pressroom {

// Cores this process may use.
std::int64_t available_cores();

}  // namespace pressroom
