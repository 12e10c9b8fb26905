#include <unistd.h>

#include <iostream>

#include "base/utf8.h"
#include "base/whole_file.h"
#include "bundle/member_path.h"
#include "command.h"
#include "golden_limits.h"
#include "install/golden_run.h"
#include "pressroom/error.h"
#include "project/build_project.h"
#include "project_build.h"

namespace pressroom {

namespace po = boost::program_options;
namespace fs = std::filesystem;

namespace {

// Answers that the author has recorded hold the plugin to what it was. Nothing where there are
// none; the words for how it went, else.
std::string compared_with_recorded(const fs::path& folder, const fs::path& build,
                                   const CommandLimits& limits) {
  const fs::path recorded = folder / kGoldenPath;
  if (!fs::exists(recorded)) return "";
  for (const fs::path& plugin : built_plugins(build)) {
    require_golden(text_of_file(recorded), plugin, folder, limits, recorded.string());
  }
  return recorded.string() + ": it answers as recorded\n";
}

}  // namespace

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
  po::options_description options("options");
  add_golden_limits(options);
  const po::variables_map values =
      parse_words(words, "plugin test [DIR] [OPTIONS]", options, {"directory?"});
  watch_signals();
  const fs::path folder = project_folder(values);
  const fs::path build = build_here(folder);
  const int code = run_cmake_tool(
      {"ctest", "--test-dir", build.string(), "--output-on-failure", "--no-tests=error"},
      STDOUT_FILENO);
  if (code != 0) return kCellsFailed;
  try {
    std::cout << compared_with_recorded(folder, build, golden_limits(values));
  } catch (const Error& error) {  // as a test that fails, and no wrong request
    std::cout << printable(error.what()) << "\n";
    return kCellsFailed;
  }
  return kDone;
}

}  // namespace pressroom
