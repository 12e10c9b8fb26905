// How a thread's processor computes: rounding, denormals, traps. Each thread has its own settings,
// inherited from the thread that made it, and a sum over many terms shows another rounding in the
// fourth digit.
//
//   use_standard_floats();
//   call();                                               // code that is not ours
//   const std::string changed = float_changes(float_controls());   // "rounding upward"
//   use_standard_floats();
#pragma once

#include <cstdint>
#include <string>

namespace pressroom {

// The settings of the calling thread, without the flags of what has happened so far. A few
// nanoseconds.
std::uint64_t float_controls();

// The settings all of Pressroom computes with: rounding to nearest, denormals kept, nothing
// trapped. A few nanoseconds where they are in force already.
void use_standard_floats();

// What in `controls` differs from the standard settings, in words; "" for nothing.
std::string float_changes(std::uint64_t controls);

}  // namespace pressroom
