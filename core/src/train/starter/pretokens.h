// Splits text as GPT-2's byte-level tokenizers do, by a regular expression.
//
//   for (std::string_view pretoken : split_pretokens("It's 5 o'clock")) ...  // It|'s| 5| o|'|clock
//
// The pieces cover the text without gap or overlap.
#pragma once

#include <string_view>
#include <vector>

namespace pressroom {

// Views into `text`, in order. Throws Error when `text` is not valid UTF-8.
std::vector<std::string_view> split_pretokens(std::string_view text);

}  // namespace pressroom
