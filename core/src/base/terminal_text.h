// Labels and messages of campaigns on their way to a terminal: they come from other people's files,
// and none may steer it or show another text than it is.
//
//   std::cout << printable_line(campaign.name) << "\n";
//   spdlog::warn("{}", printable(note));   // may have several lines
#pragma once

#include <string>
#include <string_view>

namespace pressroom {

// Bytes that are not UTF-8, control characters and those that mislead() become "?", tabs and
// carriage returns a space. Line ends stay.
std::string printable(std::string_view text);

// Likewise, and line ends become a space.
std::string printable_line(std::string_view text);

// For messages, whose reader has to see which bytes of a file are meant: what printable() puts "?"
// for is shown, bytes as \xHH and characters that mislead as \uHHHH. Tabs and line ends stay. The
// result is UTF-8 whatever `text` is, and no change to a result.
//
//   escaped("caf\xE9 \x1b[31m") == "caf\\xe9 \\x1b[31m"
std::string escaped(std::string_view text);

// C1 controls, which steer a terminal as escape sequences do, and the marks, embeddings, overrides
// and isolates of bidirectional text, which turn the direction of writing.
bool misleads(char32_t code);

}  // namespace pressroom
