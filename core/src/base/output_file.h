// A file that a command writes at its end, looked at before hours are spent: writing replaces what
// is there.
//
//   check_output_file("the trace", "run.trace", {"novel.txt"});
//   // error: run.trace: the trace cannot be written
//   //   expected: a regular file, or none
//   //   got:      a folder
//   //   do:       name a file that may be replaced
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace pressroom {

// Throws Error unless `file` is a regular file or not there, in a folder that can be written to or
// made, and none of `inputs`, under whatever name: files that the same command reads, "" for none.
void check_output_file(const std::string& what, const std::filesystem::path& file,
                       const std::vector<std::filesystem::path>& inputs);

}  // namespace pressroom
