// Whether a file is what its schema in docs/schemas says.
//
//   schema_errors("docs/schemas/cell.schema.json", text)  ->  {}  or  {"<root>/cell: missing ..."}
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace pressroom {

// Everything in the JSON `text` that the JSON Schema (draft 7) in `schema` does not allow, by
// place. Throws std::runtime_error when the schema cannot be read.
std::vector<std::string> schema_errors(const std::filesystem::path& schema,
                                       const std::string& text);

}  // namespace pressroom
