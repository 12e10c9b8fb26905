// JSON files that show when they were changed after they were written: a last field, "sha256",
// holds the SHA-256 of the rest.
//
//   seal(json);                                    // before writing
//   read_sealed(text, {"a result", file, kSchema, "run the campaign again"});
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace pressroom {

// Seals `json`, anew where it was sealed already.
void seal(nlohmann::ordered_json& json);

struct SealedFile {
  std::string what;    // "a result": how messages call it
  std::string file;    // where it lies
  std::string schema;  // that its field "schema" must name
  std::string fix;     // what to do about one that is torn or was changed
};

// The JSON of `text` without its seal. Throws Error when it is no whole JSON, names another schema
// or is not what was sealed.
nlohmann::ordered_json read_sealed(const std::string& text, const SealedFile& file);

}  // namespace pressroom
