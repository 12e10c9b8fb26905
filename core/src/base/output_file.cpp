#include "base/output_file.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/file_kinds.h"
#include "pressroom/error.h"

namespace pressroom {

void check_output_file(const std::string& what, const std::filesystem::path& file,
                       const std::vector<std::filesystem::path>& inputs) {
  const auto refuse = [&](const std::string& expected, const std::string& got) {
    throw Error({what + " cannot be written", file.string(), expected, got,
                 "name a file that may be replaced"});
  };
  std::error_code failed;
  const PathKind kind = kind_at(file, failed);
  if (kind != PathKind::kFile && kind != PathKind::kNothing) {
    refuse("a regular file, or none", words_of(kind, failed));
  }
  // The file is replaced by a new one, so it is the folder that has to be writable; folders that
  // are not there yet are made.
  std::filesystem::path folder = std::filesystem::absolute(file).parent_path();
  while (kind_at(folder, failed) == PathKind::kNothing && folder != folder.root_path()) {
    folder = folder.parent_path();
  }
  if (!std::filesystem::is_directory(folder, failed)) {
    refuse("a folder that files can be made in", folder.string() + ", which is none");
  }
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    refuse("a folder that files can be made in",
           std::error_code(errno, std::generic_category()).message());
  }
  for (const std::filesystem::path& input : inputs) {
    if (!input.empty() && std::filesystem::equivalent(input, file, failed)) {
      refuse("another file than what is read", input.string());
    }
  }
}

}  // namespace pressroom
