// Split patterns are written for Oniguruma (Ruby syntax) and run on PCRE2.
//
// Most of the two languages is one and the same; where they differ, a pattern either is rewritten
// to mean in PCRE2 what it meant in Oniguruma or is refused.
//
//   \s                      the 25 White_Space characters, spelled out (PCRE2 counts U+180E too)
//   \p{L} \p{N}             with those that Unicode 15 and 16 added, on request: PCRE2 may be older
//   \w \b \h ...            refused: other characters, or another meaning
//   x{1,3}+, x{3}?          refused: a repeated repeat there, possessive or lazy in PCRE2
//   [a[bc]], [a&&b], (?m)   refused: nested classes, intersections, other flags
#pragma once

#include <string>
#include <string_view>

namespace pressroom {

// Whether valid UTF-8 may have letters or numbers that Unicode 15 or 16 added. Says so wrongly of
// some other texts in scripts that are seldom seen beside English.
bool may_have_young_characters(std::string_view text);

// `pattern` in PCRE2's syntax, to be compiled with UTF, UCP and MULTILINE and newline = LF.
// `young`: \p{L} and \p{N} shall have what Unicode 15 and 16 added, which costs time in every
// match. Throws Error, with `where` for its place, when a part of it is not known to mean the same.
std::string to_pcre2_syntax(const std::string& pattern, bool young, const std::string& where);

}  // namespace pressroom
