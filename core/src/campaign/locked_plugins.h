// The plugins of a campaign held to its plugins.lock: written with the plan, looked at before any
// plugin is loaded.
//
//   write(plugins_lock_text(lock_of(config, host)));            // with the plan
//
//   const LockDifferences found = lock_differences(lock, host, "results/a/plugins.lock");
//   if (!found.problems.empty()) throw Error(found.problems);   // other bits
//   host.hold_to(found.records, "results/a/plugins.lock");      // no others are meant from now on
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "config/config.h"
#include "plugin/host.h"
#include "pressroom/error.h"
#include "results/plugins_lock.h"

namespace pressroom {

// "built-in", "folder" or "bundle": where the record's file came from.
const char* origin_word(const PluginRecord& record);

// What provenance.json says of it: the word, or for a bundle its hash, repository, location and
// key, and "unsigned": true where nobody vouched.
nlohmann::ordered_json origin_json(const PluginRecord& record);

// Every plugin that `config` uses, with those in wrappers. Hashes files, and runs no code.
PluginsLock lock_of(const CampaignConfig& config, const PluginHost& host);

struct LockDifferences {
  std::vector<Problem> problems;             // one for each plugin that is not there as it was
  std::vector<std::string> warnings;         // of those that are the same, but not to the bit
  std::vector<const PluginRecord*> records;  // of `host`, what the lock means
};

// Looks for the plugins of `lock`, which lies in `file`, among those of `host`. No code of theirs
// runs. A file with the hash that the lock has is the plugin. A harness of the lock's variant takes
// no other. One of another variant cannot have the same bits: it takes the file of the same bundle,
// or what is built in where it is of the same version of Pressroom, with a warning.
LockDifferences lock_differences(const PluginsLock& lock, const PluginHost& host,
                                 const std::filesystem::path& file);

// Reads `file` and holds `host` to it; returns what there is to warn of. Throws Error with every
// difference, and for a lock that cannot be read.
std::vector<std::string> hold_to_lock(const std::filesystem::path& file, PluginHost& host);

}  // namespace pressroom
