#include "project/build_project.h"

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "base/captured_command.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

// Below it lies what projects are built against: bin/.. of an installation, or of a build tree.
fs::path own_prefix() { return fs::canonical("/proc/self/exe").parent_path().parent_path(); }

// As words of CMake; a build folder that is there stays with the generator it has.
Words generator_words(const fs::path& build) {
  const bool is_chosen =
      std::getenv("CMAKE_GENERATOR") != nullptr || fs::exists(build / "CMakeCache.txt");
  if (is_chosen || !run_captured({"ninja", "--version"}).was_found) return {};
  return {"-G", "Ninja"};
}

}  // namespace

void build_project(const fs::path& source, const fs::path& build, const ToolRunner& run_tool,
                   const std::string& what_it_said) {
  const auto step = [&](const Words& words, const char* what) {
    const int code = run_tool(words);
    if (code == 0) return;
    throw Error({std::string("the project was not ") + what, source.string(), "",
                 words[0] + " ended with exit code " + std::to_string(code), what_it_said});
  };
  // Another Pressroom that was found here before is not looked at again.
  Words configure = {"cmake",
                     "-S",
                     source.string(),
                     "-B",
                     build.string(),
                     "-U",
                     "Pressroom_DIR",
                     "-DCMAKE_BUILD_TYPE=Release",
                     "-DCMAKE_PREFIX_PATH:PATH=" + own_prefix().string()};
  const Words generator = generator_words(build);
  configure.insert(configure.end(), generator.begin(), generator.end());
  step(configure, "configured");
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  step({"cmake", "--build", build.string(), "--parallel", std::to_string(cores)}, "built");
}

std::vector<fs::path> built_plugins(const fs::path& build) {
  std::vector<fs::path> plugins;
  for (const fs::directory_entry& entry : fs::directory_iterator(build)) {
    if (entry.path().extension() == ".so") plugins.push_back(entry.path());
  }
  std::sort(plugins.begin(), plugins.end());
  return plugins;
}

}  // namespace pressroom
