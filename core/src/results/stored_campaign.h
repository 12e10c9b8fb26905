// A campaign's directory read back: without its plugins, its model or its data, while it runs or
// long after.
//
//   const StoredCampaign stored = read_campaign("results/quickstart");
//   stored.results;     // one for each planned cell, in order; kNotRun where its turn has not come
//   stored.finished();  // 57 of stored.results.size()
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "results/cell.h"
#include "results/plan_json.h"

namespace pressroom {

// A process that has cells of a campaign, on this machine or another.
struct CampaignWorker {
  std::string name;                // "node7, process 4711"; "" where its lease cannot be read
  std::vector<std::string> cells;  // by the names of their leases
  bool has_ended = false;          // its leases will be taken over
};

struct StoredCampaign {
  std::filesystem::path directory;
  std::string name;
  std::vector<PlannedFile> plan;
  std::vector<CellResult> results;        // one for each of `plan`, in its order
  nlohmann::ordered_json config;          // config.yaml as JSON: scalars as they are written
  nlohmann::ordered_json provenance;      // provenance.json
  bool running = false;                   // some process works on it now
  std::vector<CampaignWorker> workers{};  // those that have cells, by name

  std::size_t finished() const;  // cells that were run, or failed
  bool complete() const { return finished() == results.size(); }
  // Where the result of a cell of the plan lies.
  std::filesystem::path cell_file(const Cell& cell) const;
  // Eviction traces of a cell by window, those that exist; empty where none were written.
  std::vector<std::filesystem::path> traces_of(const Cell& cell) const;
};

// Throws Error with every problem found: no campaign there, one of another version, a file that is
// not whole, was changed after it was written or holds another cell than its name says. Nothing in
// the directory is created or changed; the run that may hold it is not disturbed.
StoredCampaign read_campaign(const std::filesystem::path& directory);

// Throws Error when no cell of `campaign` was run yet, or failed: there is nothing to show.
void require_results(const StoredCampaign& campaign);

}  // namespace pressroom
