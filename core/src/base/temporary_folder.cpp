#include "base/temporary_folder.h"

#include <stdlib.h>

#include <cerrno>
#include <system_error>

namespace pressroom {

namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder(const fs::path& parent, const std::string& stem) {
  std::string name = (parent / (stem + "-XXXXXX")).string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw fs::filesystem_error("no folder can be made", parent,
                               std::error_code(errno, std::generic_category()));
  }
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace pressroom
