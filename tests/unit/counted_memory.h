// How much memory code asks for, to hold it to a bound.
//
//   const std::size_t before = memory_asked_for();
//   parse(file);
//   EXPECT_LE(memory_asked_for() - before, 100 * file.size());
#pragma once

#include <cstddef>

namespace pressroom {

// Bytes that this thread has asked for so far, given back or not.
std::size_t memory_asked_for();

}  // namespace pressroom
