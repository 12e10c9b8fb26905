// What file names say of their content, and bytes shown in messages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pressroom/error.h"

namespace pressroom {

// ".gz", ".zst", ".xz" or ".bz2" at the end of `name`, or "".
std::string compression_ending(const std::string& name);

// Whether `name` ends in `ending`, or in it with a compression behind.
bool has_ending(const std::string& name, const std::string& ending);

// "*.json.gz" for "c4-train.00000-of-01024.json.gz"; the name itself where there is no dot.
std::string name_pattern(const std::string& name);

// What to say of a file in a format no reader can use, known by its name; nothing for others.
std::vector<Problem> foreign_format(const std::string& path);

// The first bytes of `bytes`, quoted, with what cannot be printed as \xHH.
std::string quoted_start(std::string_view bytes);

}  // namespace pressroom
