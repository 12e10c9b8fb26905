// A campaign that grows in its directory: what a changed config means for the cells, and whether
// the directory can take it.
//
//   const DirectoryConfig stored = read_directory_config("results/x");
//   ConfigDifference difference = stored.difference(frozen_yaml(config));
//   if (difference.needs_extension()) {
//     const Extension extension = plan_extension(difference, jobs, stored, results);
//     extension.text();   // "3 cells new, 72 to run again (h2o.recent 0.5 -> 0.3), 378 reused"
//   }
//
// Doing it is campaign/extend_directory.h's.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "campaign/config_difference.h"
#include "campaign/jobs.h"
#include "results/plan_json.h"
#include "results/results_by_key.h"

namespace pressroom {

// What a directory holds before a run.
struct DirectoryConfig {
  std::filesystem::path directory;
  std::optional<StoredPlan> plan;  // nothing where nothing was planned there yet
  std::string yaml;                // the frozen config of that plan; "" where there is none
  // The plan was made with another config.yaml than lies there, and that is lost: a run was killed
  // between the two, or somebody wrote to the file.
  bool is_edited = false;

  // How the frozen config `now` differs; nothing does where the directory has none.
  ConfigDifference difference(const std::string& now) const;
};

// Throws Error where the directory has a plan that is not whole.
DirectoryConfig read_directory_config(const std::filesystem::path& directory);

// Throws Error where no extension takes the directory from its config to another: with everything
// that stands against it. Looks at configs alone.
void check_extension(const ConfigDifference& difference, const DirectoryConfig& stored);

// That the directory has another config, and is not to be extended.
Error another_campaign(const std::filesystem::path& directory);

struct ExtensionCounts {
  std::size_t added = 0;     // cells that were not in the plan, and have no result anywhere
  std::size_t again = 0;     // that were, and were made from something else
  std::size_t waiting = 0;   // that were, and have no result yet, or failed
  std::size_t reused = 0;    // that have their result
  std::size_t left = 0;      // of the old plan, that are in the new one under no name
  std::size_t awaiting = 0;  // whose budget is found first, under `match`
};

struct Extension {
  std::vector<ConfigChange> changes;
  ExtensionCounts counts;
  std::vector<std::string> reasons;  // of the changes those that cells are run again for

  // "3 cells new, 72 to run again (h2o.recent 0.5 -> 0.3), 378 reused, 75 no longer in the plan
  // (kept, marked)"
  std::string text() const;
  // The same behind what has changed: "h2o.recent 0.5 -> 0.3; methods: snapkv added".
  std::string changes_text() const;
};

// What extending the directory comes to. `jobs` have their content keys (make_jobs), `results` are
// those of the directory. Reads plans, and of results no more than a glance. Throws Error, with
// every problem, where the directory cannot be extended so: the config's problems, and datasets
// whose labels mean other tokens than the stored results have.
Extension plan_extension(const ConfigDifference& difference, const std::vector<Job>& jobs,
                         const DirectoryConfig& stored, const ResultsByKey& results);

// The same for a run that is not begun; nothing where the directory needs no extension. Finds the
// model, hashes its files and reads the texts. Under `match`, budgets that are not known yet are
// not looked for. Changes nothing. Throws Error where the directory cannot be extended.
std::optional<Extension> preview_extension(PreparedCampaign& campaign,
                                           const std::filesystem::path& directory,
                                           const PluginHost& host);

// The question whether to do it.
std::string question_of(const Extension& extension);

// Why a run that was not told to extend the directory does not: with the words of `command_line` to
// do it by.
Error not_extended(const Extension& extension, const std::filesystem::path& directory,
                   const std::vector<std::string>& command_line);

}  // namespace pressroom
