// Memory of this process that is in RAM, as Linux counts it (VmRSS, VmHWM in /proc/self/status):
// code and libraries are in it, pages the allocator keeps for later as well.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

namespace pressroom {

// Bytes in RAM now, once the allocator has given back what it can; nothing where the system does
// not tell.
std::optional<std::int64_t> resident_bytes();

// The most bytes that were in RAM while `call` ran. The mark getrusage gives is the highest of the
// whole life of the process; this one is set back first. `call` runs in any case; nothing is
// returned where the system does not tell. One at a time.
std::optional<std::int64_t> peak_resident_bytes(const std::function<void()>& call);

}  // namespace pressroom
