// Memory of this process that is in RAM, as Linux counts it (VmRSS, VmHWM in /proc/self/status):
// code and libraries are in it, pages the allocator keeps for later as well.
//
//   const auto before = resident_bytes();
//   const auto most = peak_resident_bytes([&] { attend(); });   // above `before`: what it took
//
//   HeapTrimmer heap;                          // of a long run
//   for (const Cell& cell : cells) run(cell), heap.trim();
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

// Gives free memory of the heap back to the system, now and then: what stays among tensors that
// come and go keeps the heap from shrinking by itself - 300 MB over the results of 2,000 small
// cells.
class HeapTrimmer {
 public:
  // Does so where the process has grown by a seventh since the last time, and not before: each
  // time costs what runs next the faults of the pages it uses.
  void trim();

 private:
  std::int64_t least_bytes_ = 0;  // in RAM after the last time
};

}  // namespace pressroom
