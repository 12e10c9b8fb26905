#include <boost/dll/runtime_symbol_info.hpp>
#include <cstdlib>

#include "model/model.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStarter = "starter";

// Beside an installed binary (<prefix>/share/pressroom), else in the source tree of a built one.
std::vector<fs::path> starter_places() {
  const fs::path bin = fs::path(boost::dll::program_location().string()).parent_path();
  return {bin / PRESSROOM_DATA_INSTALL_DIR / kStarter,
          fs::path(PRESSROOM_SOURCE_DIR) / "datasets" / kStarter};
}

}  // namespace

fs::path find_model(const std::string& name) {
  if (name == kStarter) {
    for (const fs::path& place : starter_places()) {
      if (fs::exists(place / "config.json")) return place.lexically_normal();
    }
  }
  if (fs::is_directory(name)) return fs::path(name);
  throw Error({"there is no such model", name, "\"starter\" or a Hugging Face model directory",
               fs::exists(name) ? "a file, not a directory" : "no directory of that name",
               "check the path"});
}

}  // namespace pressroom
