// --margin, as `compare` and `report` take it.
#pragma once

#include <string>

namespace pressroom {

// A part of perplexity: "0.01" and "1%" are 0.01. Throws Error unless it is above 0 and below 1.
double margin_from(const std::string& word);

}  // namespace pressroom
