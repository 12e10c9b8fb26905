#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "base/captured_command.h"
#include "command.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

// The project that `words` name.
fs::path project_folder(const Words& words, const std::string& usage) {
  const po::variables_map values =
      parse_words(words, usage, po::options_description("options"), {"directory?"});
  const fs::path folder =
      values.count("directory") > 0 ? values["directory"].as<std::string>() : ".";
  if (fs::exists(folder / "CMakeLists.txt")) return folder;
  throw Error({"there is no plugin to build", folder.string(),
               "the folder of a project, as `pressroom plugin new` writes it", "no CMakeLists.txt",
               "give the project's folder"});
}

// Runs a program of CMake's, whose output goes to `descriptor`; its exit code.
int run_tool(const Words& words, int descriptor) {
  const CapturedCommand command = run_shown(words, descriptor);
  if (command.was_found) return command.exit_code;
  throw Error({"there is no " + words[0] + " in PATH", "", "CMake, 3.20 or newer", "",
               "install it (Debian: cmake)"});
}

void build_step(const Words& words, const fs::path& folder, const char* what) {
  const int code = run_tool(words, STDERR_FILENO);
  if (code == 0) return;
  throw Error({std::string("the project was not ") + what, folder.string(), "",
               words[0] + " ended with exit code " + std::to_string(code),
               "see what it said, above"});
}

// Below it lies what projects are built against: bin/.. of an installation, or of a build tree.
fs::path own_prefix() { return fs::canonical("/proc/self/exe").parent_path().parent_path(); }

// As words of CMake; a build folder that is there stays with the generator it has.
Words generator_words(const fs::path& build) {
  const bool is_chosen =
      std::getenv("CMAKE_GENERATOR") != nullptr || fs::exists(build / "CMakeCache.txt");
  if (is_chosen || !run_captured({"ninja", "--version"}).was_found) return {};
  return {"-G", "Ninja"};
}

// Builds in `folder`/build, which is returned.
fs::path build_project(const fs::path& folder) {
  const fs::path build = (folder / "build").lexically_normal();
  // Another Pressroom that was found here before is not looked at again.
  Words configure = {"cmake",
                     "-S",
                     folder.string(),
                     "-B",
                     build.string(),
                     "-U",
                     "Pressroom_DIR",
                     "-DCMAKE_BUILD_TYPE=Release",
                     "-DCMAKE_PREFIX_PATH:PATH=" + own_prefix().string()};
  const Words generator = generator_words(build);
  configure.insert(configure.end(), generator.begin(), generator.end());
  build_step(configure, folder, "configured");
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  build_step({"cmake", "--build", build.string(), "--parallel", std::to_string(cores)}, folder,
             "built");
  return build;
}

}  // namespace

int command_plugin_build(const Words& words) {
  const fs::path build = build_project(project_folder(words, "plugin build [DIR]"));
  std::vector<fs::path> plugins;
  for (const fs::directory_entry& entry : fs::directory_iterator(build)) {
    if (entry.path().extension() == ".so") plugins.push_back(entry.path());
  }
  std::sort(plugins.begin(), plugins.end());
  for (const fs::path& plugin : plugins) std::cout << plugin.string() << "\n";
  return kDone;
}

int command_plugin_test(const Words& words) {
  const fs::path build = build_project(project_folder(words, "plugin test [DIR]"));
  const int code =
      run_tool({"ctest", "--test-dir", build.string(), "--output-on-failure", "--no-tests=error"},
               STDOUT_FILENO);
  return code == 0 ? kDone : kCellsFailed;
}

}  // namespace pressroom
