#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "command.h"
#include "golden/golden.h"
#include "golden/golden_use.h"
#include "installed_plugins.h"
#include "plugin/plugin_file.h"
#include "plugin/plugin_folders.h"
#include "pressroom/error.h"
#include "project/project_description.h"

namespace pressroom {

namespace po = boost::program_options;
namespace fs = std::filesystem;

namespace {

// What came with the harness, and this one plugin, whatever else is installed.
PluginHost host_of(const PluginRecord& record) {
  VouchedPlugin alone;
  alone.kind = record.kind;
  alone.name = record.name;
  alone.version = record.version;
  alone.file = record.file;
  alone.file_sha256 = PluginFile(record.file).sha256();
  PluginHost host(installed_plugin_folders(), {alone});
  const std::string reference = record.name + "@" + record.version;
  const fs::path found = host.find(record.kind, reference).file;
  if (found == record.file) return host;
  throw Error({quoted_label(record.kind, record.name) + " of this version came with Pressroom",
               found.string(), "a name or a version of its own", record.version,
               "give the plugin another version, or another name"});
}

// What a plugin prints while it is asked is no part of its answers: it goes to standard error.
class OutputToErrors {
 public:
  OutputToErrors() : output_(::dup(STDOUT_FILENO)) { lead_to(STDERR_FILENO); }
  ~OutputToErrors() {
    lead_to(output_);
    ::close(output_);
  }
  OutputToErrors(const OutputToErrors&) = delete;
  OutputToErrors& operator=(const OutputToErrors&) = delete;

 private:
  static void lead_to(int descriptor) {
    std::cout.flush();
    std::fflush(stdout);
    ::dup2(descriptor, STDOUT_FILENO);
  }

  int output_;
};

std::string answers_of(const PluginRecord& record, const fs::path& folder,
                       const RunControl& control) {
  const OutputToErrors aside;
  PluginHost host = host_of(record);
  const ProjectDescription project = read_project(folder);
  const PluginUse use =
      golden_use(record.kind, record.name + "@" + record.version, project.golden, folder, host);
  return golden_text(golden_answers(record.kind, use, host, control));
}

}  // namespace

int command_plugin_answers(const Words& words) {
  po::options_description options("options");
  options.add_options()("project", po::value<std::string>()->value_name("DIR")->required(),
                        "the project it was built from: its bundle.yaml says how it is used");
  const po::variables_map values =
      parse_words(words, "plugin answers PLUGIN.so --project DIR", options, {"file"});
  const PluginRecord record = read_manifest(fs::absolute(values["file"].as<std::string>()));
  const fs::path folder = values["project"].as<std::string>();
  watch_signals();
  RunControl control;
  control.stop_requested = stop_was_requested;
  std::cout << answers_of(record, folder, control);
  return kDone;
}

}  // namespace pressroom
