// JSON as text that is UTF-8 whatever it quotes: names of files, and what plugins and libraries
// say, need not be, and nlohmann's dump() throws on them. Such bytes become U+FFFD.
//
//   json_line({{"id", "a"}}) == "{\"id\":\"a\"}"       // for keys, sums and one-line records
//   write_file_atomically(file, json_text(json));      // for files that people read
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace pressroom {

// On one line, without its end.
std::string json_line(const nlohmann::ordered_json& json);

// As a file holds it: indented, numbers that read back exactly, ending in a newline.
std::string json_text(const nlohmann::ordered_json& json, int indent = 2);

}  // namespace pressroom
