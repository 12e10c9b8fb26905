// The little of UTF-8 and Unicode that a tokenizer needs beside PCRE2.
//
//   valid_utf8_length("caf\xC3") == 3
//   leading_white_space(" \t\u3000x") == 5
#pragma once

#include <cstddef>
#include <string_view>

namespace pressroom {

// Length in bytes of the longest prefix of `text` that is well-formed UTF-8 (no overlong forms,
// no surrogates, nothing above U+10FFFF, no character cut short).
std::size_t valid_utf8_length(std::string_view text);

// Bytes of Unicode White_Space that `text` begins or ends with. `text` may be any bytes.
std::size_t leading_white_space(std::string_view text);
std::size_t trailing_white_space(std::string_view text);

}  // namespace pressroom
