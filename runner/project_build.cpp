#include "project_build.h"

#include <unistd.h>

#include "base/captured_command.h"
#include "engine/run.h"
#include "pressroom/error.h"
#include "project/build_project.h"

namespace pressroom {

namespace fs = std::filesystem;

fs::path project_folder(const boost::program_options::variables_map& values) {
  const fs::path folder =
      values.count("directory") > 0 ? values["directory"].as<std::string>() : ".";
  if (fs::exists(folder / "CMakeLists.txt")) return folder;
  throw Error({"there is no plugin to build", folder.string(),
               "the folder of a project, as `pressroom plugin new` writes it", "no CMakeLists.txt",
               "give the project's folder"});
}

int run_cmake_tool(const Words& words, int descriptor) {
  const CapturedCommand command = run_shown(words, descriptor);
  if (stop_was_requested()) throw Interrupted();  // the tool was, too, and has said so
  if (command.was_found) return command.exit_code;
  throw Error({"there is no " + words[0] + " in PATH", "", "CMake, 3.20 or newer", "",
               "install it (Debian: cmake)"});
}

fs::path build_here(const fs::path& folder) {
  const fs::path build = (folder / "build").lexically_normal();
  build_project(
      folder, build, [](const Words& words) { return run_cmake_tool(words, STDERR_FILENO); },
      "see what it said, above");
  return build;
}

}  // namespace pressroom
