// Files that came in place of those asked for: a Git LFS pointer, of a clone without the data, or
// the page of a web server, XML errors of storage services among them.
//
//   refuse_stand_in(file_);  // before a library says that it is "no zip archive"
//   module_ = torch::jit::load(file_);
#pragma once

#include <filesystem>

namespace pressroom {

// Throws an Error that says what `path` is where it is such a file, by its first bytes; a page
// passes where its name says that it is meant: .html, .htm, .xhtml, .xml. For whoever opens a file
// that people download by other means than DataFile and read_tensors, which do this themselves:
// call it before the file is parsed. A pipe, a device or a socket is refused too: reading it would
// wait, or never end. A folder, and what cannot be opened, pass: opening it says more.
void refuse_stand_in(const std::filesystem::path& path);

}  // namespace pressroom
