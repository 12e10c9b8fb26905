// How messages speak of tensors.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "weights/weight_source.h"

namespace pressroom {

// "[2, 3]".
std::string shape_text(const std::vector<std::int64_t>& shape);

// Enough of a piece of a file to recognise it by: at most 200 bytes, and nothing that would upset a
// terminal.
std::string excerpt(const std::string& text);
std::string in_quotes(const std::string& text);  // an excerpt

// Throws the Error of a tensor that `weights` does not contain, naming the nearest one. `shape` is
// what it was expected to be, where that is known.
[[noreturn]] void missing_tensor(const WeightSource& weights, const std::string& name,
                                 const std::vector<std::int64_t>* shape = nullptr);

}  // namespace pressroom
