// Memory: what of this process is in RAM, as Linux counts it (VmRSS, VmHWM in /proc/self/status) -
// code and libraries are in it, pages the allocator keeps for later as well -, how much more there
// is, and what tells that there was none.
//
//   const auto before = resident_bytes();
//   const auto most = peak_resident_bytes([&] { attend(); });   // above `before`: what it took
//
//   const auto room = available_bytes();       // 5.8e9: what may be taken without harm
//
//   HeapTrimmer heap;                          // of a long run
//   for (const Cell& cell : cells) run(cell), heap.trim();
#pragma once

#include <cstdint>
#include <exception>
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

// Bytes that can be allocated and written to without other programs' pages being driven out
// (MemAvailable in /proc/meminfo), within what the process's control group (memory.max and
// memory.current below /sys/fs/cgroup) and the limit of its address space leave it; nothing where
// the system does not tell.
std::optional<std::int64_t> available_bytes();

// Whether an exception says that memory ran out: std::bad_alloc, or the words of libtorch, whose
// tensors are not allocated by operator new.
bool tells_of_memory(const std::exception& error);

// Gives free memory of the heap back to the system, now and then: what stays among tensors that
// come and go keeps the heap from shrinking by itself - 300 MB over the results of 2,000 small
// cells.
class HeapTrimmer {
 public:
  // Does so where the process has grown by a seventh, and not before: each time takes milliseconds,
  // and costs what runs next the faults of the pages it uses. So the growth is counted from what is
  // in RAM when that has run - not from what was left to it, which it exceeds by all it works with.
  void trim();

 private:
  bool is_trimmed_ = false;         // the last time that it was asked
  std::int64_t settled_bytes_ = 0;  // the most in RAM one call after a trim
};

}  // namespace pressroom
