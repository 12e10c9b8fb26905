#include <spdlog/spdlog.h>

#include <iostream>

#include "base/sha256.h"
#include "command.h"
#include "install/golden_run.h"
#include "pressroom/error.h"
#include "project/build_project.h"
#include "project/pack.h"
#include "project_build.h"

namespace pressroom {

namespace po = boost::program_options;
namespace fs = std::filesystem;

int command_plugin_pack(const Words& words) {
  po::options_description options("options");
  options.add_options()("out", po::value<std::string>()->default_value(".")->value_name("FOLDER"),
                        "where the bundle goes");
  options.add_options()("allow-dirty", "though files differ from what git has");
  options.add_options()("variant", po::value<Words>()->composing()->value_name("PLUGIN.so"),
                        "the same plugin, built for another harness; may be given several times");
  const po::variables_map values =
      parse_words(words, "plugin pack [DIR] [OPTIONS]", options, {"directory?"});
  const fs::path folder = project_folder(values);
  watch_signals();
  PackRequest request;
  request.project = folder;
  request.plugins = built_plugins(build_here(folder));
  if (values.count("variant") > 0) {
    for (const std::string& file : values["variant"].as<Words>())
      request.plugins.emplace_back(file);
  }
  request.allow_dirty = values.count("allow-dirty") > 0;
  pack(request);  // what is wrong with it is said before it is asked anything
  CommandLimits limits;
  limits.stop_requested = stop_was_requested;
  request.golden = ask_for_golden(fs::absolute(request.plugins.front()), folder, limits);
  const PackedBundle packed = pack(request);
  const fs::path out = values["out"].as<std::string>();
  fs::create_directories(out);
  const fs::path file = out / bundle_file_name(packed.manifest);
  write_bundle(packed.members, file.string());
  std::cout << file.string() << ": " << packed.manifest.files.size() << " files, SHA-256 "
            << sha256_file(file) << "\n"
            << "  next: pressroom plugin sign " << file.string() << " --key FILE\n";
  return kDone;
}

}  // namespace pressroom
