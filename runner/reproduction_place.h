// Where `reproduce` runs cells again: a directory that the user names and keeps, or one that goes
// with the command.
//
//   const ReproductionPlace place("", "results/x");   // below TMPDIR, and gone with the object
//   run_cells(place.path());
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/temporary_folder.h"

namespace pressroom {

class ReproductionPlace {
 public:
  // `out`: what the user names, "" for a temporary one; `directory`: the campaign that is run
  // again. A named one carries a mark of what it is. Throws Error where there is no room for one,
  // and where `out` lies in the campaign's own directory or holds anything but a reproduction of
  // it: its results would be overwritten, or be taken for what was run here.
  ReproductionPlace(const std::string& out, const std::filesystem::path& directory);

  const std::filesystem::path& path() const { return path_; }
  bool is_kept() const { return !temporary_; }

 private:
  std::optional<TemporaryFolder> temporary_;
  std::filesystem::path path_;
};

}  // namespace pressroom
