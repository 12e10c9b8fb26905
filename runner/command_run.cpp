#include <iostream>
#include <string>

#include "campaign/prepared_campaign.h"
#include "campaign_options.h"
#include "campaign_runs.h"
#include "command.h"
#include "plan_text.h"
#include "pressroom/error.h"
#include "question.h"

namespace pressroom {

namespace po = boost::program_options;

int command_run(const Words& words) {
  po::options_description options = config_options();
  options.add_options()("out", po::value<std::string>()->value_name("DIR"),
                        "the campaign's directory (results/<name>)");
  options.add_options()("check-views", "fail methods that write to what they are shown");
  options.add_options()("reuse", po::value<Words>()->multitoken()->value_name("DIR"),
                        "campaigns whose results are copied where they are made from the same");
  options.add_options()("extend", "where the directory has another config, extend it to this one");
  options.add_options()("locked",
                        "run the plugins that DIR/plugins.lock names, and refuse any other");
  add_worker_options(options);
  options.add_options()("in-process",
                        "run cells in this process, for debuggers: what crashes ends the run");
  options.add_options()(
      "dry-run", "print the cells, their estimated cost and what is there already, run nothing");
  const po::variables_map values = parse_words(words, "run CONFIG [OPTIONS]", options, {"config"});
  CampaignSource source;
  source.config = values["config"].as<std::string>();
  source.overrides = overrides_from(values);
  source.has_end_hook = true;
  if (values.count("out") > 0) source.directory = values["out"].as<std::string>();
  source.check_views = values.count("check-views") > 0;
  source.extending = values.count("extend") > 0 ? Extending::kTold
                     : is_there_to_answer()     ? Extending::kAsked
                                                : Extending::kRefused;
  if (values.count("locked") > 0) source.lock = LockUse::kRequired;
  if (values.count("reuse") > 0) {
    for (const std::string& word : values["reuse"].as<Words>()) source.reuse.emplace_back(word);
  }
  if (values.count("dry-run") > 0) {
    PluginHost host = host_for(source, values);
    hold_to_lock_of(source, host);
    PreparedCampaign campaign = prepare(source, host);
    print_plan(campaign);
    print_outlook(campaign, directory_of(source, campaign), host);
    return kDone;
  }
  const Words command_line = whole_command("run", words);
  if (values.count("in-process") > 0) {
    if (!values["workers"].defaulted() || values.count("time") > 0) {
      throw Error({"--in-process has no workers", "", "--in-process alone", "--workers or --time",
                   "leave one of them out"});
    }
    return run_in_process(source, values, command_line);
  }
  return run_in_workers(source, values, SupervisorSettings(), command_line);
}

int command_check(const Words& words) {
  const po::variables_map values =
      parse_words(words, "check CONFIG [OPTIONS]", config_options(), {"config"});
  CampaignSource source;
  source.config = values["config"].as<std::string>();
  source.overrides = overrides_from(values);
  PluginHost host = host_for(source, values);
  const PreparedCampaign campaign =
      prepare_campaign(load_config(source.config, source.overrides, host), host);
  check_against_model(campaign, find_model(campaign.config.model));
  std::cout << source.config.string() << ": " << campaign.cells.size() << " cells, no mistakes\n";
  return kDone;
}

}  // namespace pressroom
