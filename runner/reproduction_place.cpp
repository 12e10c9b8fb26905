#include "reproduction_place.h"

#include <cstdlib>
#include <system_error>

#include "base/temporary_folder.h"
#include "base/whole_file.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

// Stands in a directory that cells are run again in: no campaign of somebody's own.
constexpr const char* kMark = "reproduction-of.txt";

fs::path own_folder(std::optional<TemporaryFolder>& temporary) {
  std::error_code failed;
  const fs::path parent = fs::temp_directory_path(failed);
  try {
    if (!failed) return temporary.emplace(parent, "pressroom-reproduce").path();
  } catch (const fs::filesystem_error& error) {
    failed = error.code();
  }
  const char* const named = std::getenv("TMPDIR");
  throw Error({"there is no place to run cells in", named != nullptr ? named : parent.string(),
               "a folder that can be written to", failed.message(),
               "give a directory by --out, or a folder by TMPDIR"});
}

// A directory that the user names and keeps. Results of an earlier reproduction of the same
// campaign are gone on with; those of anything else would be overwritten, or be taken for what was
// run here.
fs::path kept_folder(const fs::path& out, const fs::path& directory) {
  const fs::path of = fs::weakly_canonical(directory);
  const fs::path place = fs::weakly_canonical(out);
  const auto refuse = [&](const std::string& what, const std::string& got) {
    throw Error({what, out.string(), "a directory of its own, new or of a reproduction of this one",
                 got, "leave --out away, or name a new one"});
  };
  const fs::path within = place.lexically_relative(of);
  if (!within.empty() && *within.begin() != "..") {
    refuse("cells cannot be run again in the directory that they are compared with",
           "the campaign's own, or a folder in it");
  }
  const std::string marked = text_of_file(out / kMark);
  if (marked.empty() && fs::exists(out / "plan.json")) {
    refuse("cells cannot be run again in another campaign's directory", "a campaign");
  }
  if (!marked.empty() && marked != of.string() + "\n") {
    refuse("cells cannot be run again here", "a reproduction of " + marked);
  }
  write_file_atomically(out / kMark, of.string() + "\n");
  return out;
}

}  // namespace

ReproductionPlace::ReproductionPlace(const std::string& out, const fs::path& directory)
    : path_(out.empty() ? own_folder(temporary_) : kept_folder(out, directory)) {}

}  // namespace pressroom
