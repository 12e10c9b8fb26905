// The typed values of a GGUF header.
#pragma once

#include <string>

#include "gguf/gguf_header.h"
#include "gguf/gguf_reader.h"

namespace pressroom {

// Reads the type and the value that follow `key`. Throws Error for a type that the format does not
// have and for arrays in arrays, naming `key`.
GgufValue read_gguf_value(GgufReader& reader, const std::string& key);

// What kind of value it is, for messages: "a whole number", "an array of texts".
const char* kind_name(const GgufValue& value);

}  // namespace pressroom
