// Where `reproduce` runs cells again: a directory that the user names and keeps, or one that goes
// with the command.
//
//   const ReproductionPlace place("", "results/x");   // below TMPDIR, and gone with the object
//   run_cells(place.path());
#pragma once

#include <filesystem>
#include <string>

namespace pressroom {

class ReproductionPlace {
 public:
  // `out`: what the user names, "" for a temporary one; `directory`: the campaign that is run
  // again. A named one carries a mark of what it is. Throws Error where there is no room for one,
  // and where `out` lies in the campaign's own directory or holds anything but a reproduction of
  // it: its results would be overwritten, or be taken for what was run here.
  ReproductionPlace(const std::string& out, const std::filesystem::path& directory);
  ~ReproductionPlace();
  ReproductionPlace(const ReproductionPlace&) = delete;
  ReproductionPlace& operator=(const ReproductionPlace&) = delete;

  const std::filesystem::path& path() const { return path_; }
  bool is_kept() const { return is_kept_; }

 private:
  std::filesystem::path path_;
  bool is_kept_;
};

}  // namespace pressroom
