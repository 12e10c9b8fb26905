// The byte-level alphabet of GPT-2: how a tokenizer.json spells arbitrary bytes as visible text.
//
//   spelling_of_byte(' ')      == "Ġ"     (U+0120)
//   bytes_spelled_by("Ġthe")   == " the"
//
// The 188 bytes that are visible in Latin-1 ('!'..'~', 0xA1..0xAC, 0xAE..0xFF) are spelled by the
// character of the same code point; the other 68, in ascending order, by U+0100, U+0101, ...
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pressroom {

// The character, in UTF-8, that spells `byte`.
std::string spelling_of_byte(unsigned char byte);

// The bytes that `token` spells, or nothing when a character of it is not in the alphabet.
std::optional<std::string> bytes_spelled_by(std::string_view token);

}  // namespace pressroom
