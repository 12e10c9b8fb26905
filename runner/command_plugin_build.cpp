#include <unistd.h>

#include <iostream>

#include "command.h"
#include "project/build_project.h"
#include "project_build.h"

namespace pressroom {

namespace po = boost::program_options;
namespace fs = std::filesystem;

int command_plugin_build(const Words& words) {
  const po::variables_map values =
      parse_words(words, "plugin build [DIR]", po::options_description("options"), {"directory?"});
  watch_signals();
  for (const fs::path& plugin : built_plugins(build_here(project_folder(values)))) {
    std::cout << plugin.string() << "\n";
  }
  return kDone;
}

int command_plugin_test(const Words& words) {
  const po::variables_map values =
      parse_words(words, "plugin test [DIR]", po::options_description("options"), {"directory?"});
  watch_signals();
  const fs::path build = build_here(project_folder(values));
  const int code = run_cmake_tool(
      {"ctest", "--test-dir", build.string(), "--output-on-failure", "--no-tests=error"},
      STDOUT_FILENO);
  return code == 0 ? kDone : kCellsFailed;
}

}  // namespace pressroom
