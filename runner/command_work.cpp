#include <cstdint>
#include <string>

#include "campaign_options.h"
#include "campaign_runs.h"
#include "command.h"

namespace pressroom {

namespace po = boost::program_options;

int command_work(const Words& words) {
  po::options_description options("options");
  add_worker_options(options);
  options.add_options()("threads", po::value<std::int64_t>()->default_value(0)->value_name("T"),
                        "of each worker; 0: the cores, shared among the workers");
  const po::variables_map values = parse_words(words, "work DIR [OPTIONS]", options, {"directory"});
  CampaignSource source;
  source.directory = values["directory"].as<std::string>();
  source.config = source.directory / "config.yaml";
  source.threads = whole_number(values, "threads", 0, 4096);
  source.lock = LockUse::kWhereThere;  // before a plugin is loaded: of a plan's, all are the same
  require_plan(source.directory);
  SupervisorSettings settings;
  settings.plans = false;
  return run_in_workers(source, values, settings, whole_command("work", words));
}

}  // namespace pressroom
