// What file names and first bytes say of a file's content, and bytes shown in messages.
//
//   refuse_stand_in(dir / "model.safetensors");  // a Git LFS pointer? a server's error page?
#pragma once

#include <filesystem>
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

// What to say of a file that begins with `start` (its first kStandInBytes, or all of a shorter one)
// where that shows that something else came in place of the file asked for: a Git LFS pointer, of a
// clone without the data, or the page of a web server, XML errors of storage services among them.
// Nothing for others, and for pages whose name says that they are meant: .html, .htm, .xhtml, .xml.
constexpr std::size_t kStandInBytes = 512;
std::vector<Problem> stand_in(const std::string& path, std::string_view start);

// Throws what `stand_in` says of the file. For whoever opens a file that people download: call it
// before the file is parsed. What is no regular file, or cannot be read, passes: opening it says
// more.
void refuse_stand_in(const std::filesystem::path& path);

// The first bytes of `bytes`, quoted, with what cannot be printed as \xHH.
std::string quoted_start(std::string_view bytes);

}  // namespace pressroom
