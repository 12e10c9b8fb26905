#include <spdlog/spdlog.h>

#include <algorithm>
#include <iostream>

#include "base/captured_command.h"
#include "base/whole_file.h"
#include "command.h"
#include "plugin/plugin_folders.h"
#include "pressroom/error.h"
#include "submit_script.h"

namespace pressroom {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

// Who starts the workers.
struct Scheduler {
  const char* name;
  const char* program;
  const char* subcommand;  // "" for none; flags and the script follow
  const char* package;
  std::string (*script)(const SubmitRequest& request);
};

constexpr Scheduler kSchedulers[] = {
    {"slurm", "sbatch", "", "Slurm (Debian: slurm-client)", slurm_script},
    {"hq", "hq", "submit", "HyperQueue", hyperqueue_script}};

const Scheduler& scheduler_named(const std::string& name) {
  for (const Scheduler& scheduler : kSchedulers) {
    if (name == scheduler.name) return scheduler;
  }
  throw Error({"--on names no scheduler", "", "slurm or hq", name, "give one of the two"});
}

// As a task has to be told: wherever it starts, it looks for the same plugins as this command.
std::vector<fs::path> plugin_folders(const po::variables_map& values) {
  std::vector<fs::path> folders;
  if (values.count("plugin-dir") > 0) {
    for (const std::string& folder : values["plugin-dir"].as<Words>()) folders.emplace_back(folder);
  }
  folders = plugin_search_path(folders);
  const std::vector<fs::path> found_anyway = installed_plugin_folders();
  const auto is_found_anyway = [&found_anyway](const fs::path& folder) {
    return std::find(found_anyway.begin(), found_anyway.end(), folder) != found_anyway.end();
  };
  folders.erase(std::remove_if(folders.begin(), folders.end(), is_found_anyway), folders.end());
  return folders;
}

// Has `scheduler` take the script, and says what it answered.
void submit(const Scheduler& scheduler, const Words& flags, const fs::path& script) {
  const std::string program = scheduler.program;
  Words words = {program};
  if (*scheduler.subcommand != '\0') words.emplace_back(scheduler.subcommand);
  words.insert(words.end(), flags.begin(), flags.end());
  words.push_back(script.string());
  const CapturedCommand command = run_captured(words);
  if (!command.was_found) {
    throw Error({"nothing was submitted: there is no " + program + " in PATH", "",
                 std::string("the commands of ") + scheduler.package, "",
                 "install them, or take " + script.string() +
                     " to a machine that has them; --print prints it"});
  }
  if (command.exit_code != 0) {
    throw Error({program + " did not take the job", script.string(), "", command.said(),
                 "words behind -- go to " + program + " as they are, before the script"});
  }
  // Warnings that a site adds.
  if (!command.errors.empty()) spdlog::warn("{}", command.said());
  std::cout << command.output;
}

}  // namespace

int command_submit(const Words& words) {
  const auto end = std::find(words.begin(), words.end(), "--");
  const Words flags(end == words.end() ? end : end + 1, words.end());
  po::options_description options("options");
  options.add_options()("on", po::value<std::string>()->required()->value_name("ENGINE"),
                        "slurm or hq: who starts the workers")(
      "workers", po::value<std::int64_t>()->default_value(64)->value_name("N"),
      "tasks of the array, one worker each")("print", "print the script, submit nothing");
  const po::variables_map values =
      parse_words(Words(words.begin(), end), "submit DIR --on slurm|hq [OPTIONS] [-- ENGINE FLAGS]",
                  options, {"directory"});
  const Scheduler& scheduler = scheduler_named(values["on"].as<std::string>());
  const fs::path given = values["directory"].as<std::string>();
  SubmitRequest request;
  request.tasks = whole_number(values, "workers", 1, 1000000);
  require_plan(given);
  request.directory = fs::canonical(given);
  request.program = fs::canonical("/proc/self/exe");
  request.plugin_folders = plugin_folders(values);
  const std::string text = scheduler.script(request);
  const fs::path script = request.directory / "submit" / (scheduler.name + std::string(".sh"));
  write_file_atomically(script, text);
  // Slurm makes no folders, and a task without its log ends at once.
  fs::create_directories(request.directory / "logs");
  if (values.count("print") > 0) {
    std::cout << text;
  } else {
    submit(scheduler, flags, script);
  }
  return kDone;
}

}  // namespace pressroom
