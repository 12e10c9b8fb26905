#include <spdlog/spdlog.h>

#include <iostream>

#include "base/sha256.h"
#include "base/shell_word.h"
#include "base/temporary_folder.h"
#include "base/whole_file.h"
#include "bundle/member_path.h"
#include "command.h"
#include "golden_limits.h"
#include "install/golden_run.h"
#include "pressroom/error.h"
#include "project/build_project.h"
#include "project/pack.h"
#include "project_build.h"

namespace pressroom {

namespace po = boost::program_options;
namespace fs = std::filesystem;

namespace {

// What the bundle's plugin answers with the bundle's own files, as those who install it have them:
// one that git ignores is not packed, and they would be told that it is missing.
std::string golden_of(const PackedBundle& packed, const fs::path& plugin, const fs::path& project,
                      const CommandLimits& limits) {
  const TemporaryFolder scratch(fs::temp_directory_path(), "pressroom-pack");
  for (const auto& [path, member] : packed.members) {
    write_file_atomically(scratch.path() / path, member.bytes, Sync::kLater);
  }
  try {
    return ask_for_golden(fs::absolute(plugin), scratch.path() / kSourceFolder, limits);
  } catch (const Error& error) {
    Problem problem = error.problems().front();
    problem.fix =
        "see that every file it needs is in git and so in the bundle, and that it has the time "
        "(--golden-seconds); pressroom plugin answers " +
        shell_word(plugin.string()) + " --project " + shell_word(project.string()) +
        " asks it with the project's own files";
    throw Error(problem);
  }
}

void make_output_folder(const fs::path& folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (!failed && fs::is_directory(folder, failed)) return;
  throw Error({"the bundle has no place to go to", folder.string(), "a folder",
               failed ? failed.message() : "something else", "give another one with --out"});
}

}  // namespace

int command_plugin_pack(const Words& words) {
  po::options_description options("options");
  options.add_options()("out", po::value<std::string>()->default_value(".")->value_name("FOLDER"),
                        "where the bundle goes");
  options.add_options()("allow-dirty", "though files differ from what git has");
  options.add_options()("variant", po::value<Words>()->composing()->value_name("PLUGIN.so"),
                        "the same plugin, built for another harness; may be given several times");
  add_golden_limits(options);
  const po::variables_map values =
      parse_words(words, "plugin pack [DIR] [OPTIONS]", options, {"directory?"});
  const CommandLimits limits = golden_limits(values);
  const fs::path folder = project_folder(values);
  const fs::path out = values["out"].as<std::string>();
  make_output_folder(out);
  watch_signals();
  PackRequest request;
  request.project = folder;
  request.plugins = built_plugins(build_here(folder));
  if (values.count("variant") > 0) {
    for (const std::string& file : values["variant"].as<Words>())
      request.plugins.emplace_back(file);
  }
  request.allow_dirty = values.count("allow-dirty") > 0;
  // What is wrong with it is said before it is asked anything.
  request.golden = golden_of(pack(request), request.plugins.front(), folder, limits);
  const PackedBundle packed = pack(request);
  const fs::path file = out / bundle_file_name(packed.manifest);
  write_bundle(packed.members, file.string());
  std::cout << file.string() << ": " << packed.manifest.files.size() << " files, SHA-256 "
            << sha256_file(file) << "\n"
            << "  next: pressroom plugin sign " << shell_word(file.string()) << " --key FILE\n";
  return kDone;
}

}  // namespace pressroom
