// JSON of tensor tables, read strictly.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace pressroom {

// Parses `text`, refusing a name given twice in an object (of which the parser would silently keep
// the last) and nesting that only an attack has. `file` and `part` ("header") name the place in
// messages; `what` is what an Error says first: "not a whole safetensors file".
nlohmann::json parse_unique_json(std::string_view text, const std::filesystem::path& file,
                                 const std::string& part, const std::string& what);

}  // namespace pressroom
