// A campaign's directory: its memory. Whatever is in it is whole, and any number of processes may
// work on it at once: who runs which cell is settled by leases (lease/lease.h).
//
//   config.yaml       the resolved config, every default filled in
//   history/          the configs it had before, and results that left the plan (results/history.h)
//   plan.json         the cells it consists of
//   plugins.lock      which plugins it uses, to the bit
//   provenance.json   what the results depend on: versions, hashes, machine, command line
//   events.jsonl      what happened when
//   <cell>.json       one result a cell (in a folder per dataset when there are several)
//   <cell>.answers.json   of a task: what was asked in it and answered
//   leases/           who runs which cell now
//   results.csv, results.json, aggregated_results.json, significance_tests.json
//
//   CampaignDirectory directory("results/quickstart");
//   directory.store_cell(result, folder, made_from);
#pragma once

#include <chrono>
#include <filesystem>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/whole_file.h"
#include "config/config.h"
#include "results/cell.h"
#include "results/stored_cell.h"

namespace pressroom {

// A directory that has to stay where it is.
class DirectoryPlace {
 public:
  // Creates `directory` where it is missing. Throws Error when it cannot be written.
  explicit DirectoryPlace(const std::filesystem::path& directory);
  ~DirectoryPlace();
  DirectoryPlace(const DirectoryPlace&) = delete;
  DirectoryPlace& operator=(const DirectoryPlace&) = delete;

  // Throws Error when the path names another directory by now, or none.
  void check() const;

  const std::filesystem::path& path() const { return path_; }
  int descriptor() const { return directory_; }

 private:
  std::filesystem::path path_;
  int directory_ = -1;
};

// A directory that one process at a time writes to: that of a training.
class DirectoryLock {
 public:
  // Creates `directory` where it is missing and locks it for this process, by its file .lock.
  // Throws Error when it cannot be written, when its file system has no locks, or when another
  // process has it.
  explicit DirectoryLock(const std::filesystem::path& directory);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

  // Throws Error when the path names another directory by now, or none.
  void check_place() const { place_.check(); }

 private:
  DirectoryPlace place_;
  int lock_ = -1;
};

// The resolved config as a directory keeps it: without what says how fast and not what.
std::string frozen_yaml(CampaignConfig config);

// The name of the lease on a cell, by the file of its result, relative to the directory: it is a
// file name, with room for an epoch.
std::string lease_name(const std::filesystem::path& cell_file);

// Everything that writes throws Error, too, once the directory is no longer at its path: it was
// removed or renamed while the run went on, and what is written there then would be part of
// nothing.
class CampaignDirectory {
 public:
  // Creates `directory` where it is missing. Throws Error when it cannot be written.
  explicit CampaignDirectory(const std::filesystem::path& directory) : place_(directory) {}

  const std::filesystem::path& path() const { return place_.path(); }

  // As cell_file_in.
  std::filesystem::path cell_file(const Cell& cell, const std::string& folder) const;
  // The stored result of the cell - of this name - with this content key, if there is one and it
  // did not fail. Throws Error when what is stored is not a whole result as it was written.
  std::optional<CellResult> load_cell(const Cell& cell, const std::string& folder,
                                      const std::string& content_key) const;
  // Why what is stored for the cell is not its result, where that is made from `made_from`; ""
  // where nothing is stored.
  std::string why_again(const Cell& cell, const std::string& folder,
                        const MadeFrom& made_from) const;
  // The cell's file, and before it that of its answers where it has some. They survive a kill from
  // here on, and a loss of power from the first cell on that is stored a second later, or from
  // log_event with Sync::kNow.
  void store_cell(const CellResult& result, const std::string& folder,
                  const MadeFrom& made_from = {});

  void write(const std::string& name, const std::string& content) const;
  // Stores the frozen config, where another one or none is stored.
  void write_config(const std::string& yaml) const;
  // Appends one line to events.jsonl, stamped with the time in UTC. With Sync::kNow all that was
  // stored and logged before is on the disk afterwards, too. Throws Error when it cannot.
  void log_event(const nlohmann::ordered_json& event, Sync sync = Sync::kNow);
  // Throws Error when the directory is no longer at its path.
  void check_place() const { place_.check(); }

 private:
  void sync_cells();

  DirectoryPlace place_;
  std::mutex mutex_;  // of what follows: cells are stored and events logged by several threads
  std::vector<std::filesystem::path> unsynced_;  // files of cells stored since `synced_`
  std::chrono::steady_clock::time_point synced_ = std::chrono::steady_clock::now();
};

}  // namespace pressroom
