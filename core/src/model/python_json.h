// JSON as Python's own module writes and reads it.
//
//   strict_json(R"({"limit": [0.0, Infinity]})");   // {"limit": [0.0, "Infinity"]}
#pragma once

#include <string>
#include <string_view>

namespace pressroom {

// `text` with each NaN, Infinity and -Infinity, which Python writes for floats and JSON does not
// have, as a string of that name: whoever asks for a number there is told what stands in its place.
// What is malformed otherwise stays so.
std::string strict_json(std::string_view text);

}  // namespace pressroom
