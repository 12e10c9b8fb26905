// A campaign run from the command line: in workers under supervision, or in this process.
//
//   CampaignSource source;
//   source.config = "campaign.yaml";
//   return run_in_workers(source, values, SupervisorSettings(), command_line);
#pragma once

#include <boost/program_options.hpp>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "campaign/campaign.h"
#include "campaign/prepared_campaign.h"
#include "command.h"
#include "config/config.h"
#include "plugin/host.h"
#include "work/supervisor.h"

namespace pressroom {

// What a plugins.lock is taken for.
enum class LockUse {
  kNone,           // nothing: it is written anew with the plan
  kRequired,       // it has to be there, and plugins have to be those it names
  kWhereThere,     // the same where there is one: plans of earlier versions have none
  kWherePossible,  // plugins are those it names where they all are here, else as without it
};

// Whether a directory that has another config is extended.
enum class Extending {
  kNever,    // it holds one campaign
  kRefused,  // it is not, and what would extend it is said
  kAsked,    // where somebody who is asked on a terminal says so
  kTold      // it is
};

// What a campaign is run from: the config as the user gave it, or as a directory keeps it.
struct CampaignSource {
  std::filesystem::path config;
  std::vector<Override> overrides;
  std::filesystem::path directory;  // "": results/<name>
  bool check_views = false;
  std::vector<std::filesystem::path> reuse;  // campaigns whose results may be taken
  // Cells to be run; empty: all. Without `finishes`, nothing is made of the results.
  WantedCells only;
  bool finishes = true;
  // A campaign's directory whose limits are taken, as a frozen config has none; "": the config's.
  std::filesystem::path limits_from;
  std::int64_t threads = 0;   // of each worker, where the config does not say; 0: all cores
  bool has_end_hook = false;  // `run` alone: the config's on_end follows
  LockUse lock = LockUse::kNone;
  Extending extending = Extending::kNever;
  std::filesystem::path lock_file{};  // "": that of the directory
};

// The plugin host for --plugin-dir of `values` and the config's plugin_dirs. Throws Error where the
// config cannot be read.
PluginHost host_for(const CampaignSource& source,
                    const boost::program_options::variables_map& values);

// Holds `host` to the lock that `source` asks for, before any plugin is loaded; says what there is
// to warn of. Throws Error with every plugin that is another one here, and where a lock is needed
// and there is none.
void hold_to_lock_of(const CampaignSource& source, PluginHost& host);

// Loads, checks and plans it. Throws Error with every mistake.
PreparedCampaign prepare(const CampaignSource& source, PluginHost& host);

std::filesystem::path directory_of(const CampaignSource& source, const PreparedCampaign& campaign);

// Both return the exit code, and print tables, problems and progress. `values` have --plugin-dir
// and, for workers, what add_worker_options() adds. They throw Interrupted, and Error where the
// command line is wrong.
int run_in_workers(const CampaignSource& source,
                   const boost::program_options::variables_map& values, SupervisorSettings settings,
                   const Words& command_line);
int run_in_process(const CampaignSource& source,
                   const boost::program_options::variables_map& values, const Words& command_line);

// "pressroom NAME WORDS...", for the directory's records.
Words whole_command(const char* name, const Words& words);

}  // namespace pressroom
