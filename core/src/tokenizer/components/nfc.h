// Unicode normalisation form C: composed characters, marks in canonical order.
//
//   to_nfc("e\u0301", result);        // true, result == "\u00e9"
//   to_nfc("plain text", result);     // false: nothing to change, result is left alone
//
// The tables are those of utf8proc, except that the marks which Unicode gained after version 9 stay
// where they are and let nothing pass: so does the library that wrote the tokenizer files, and ids
// must be the same.
#pragma once

#include <string>
#include <string_view>

namespace pressroom {

// Whether `text` (any bytes; stray ones stay) may change under NFC; if so, sets `result` to its
// NFC. Linear up to a logarithm in the longest run of marks.
bool to_nfc(std::string_view text, std::string& result);

}  // namespace pressroom
