// A campaign's directory: its memory. Whatever is in it is whole, and only one run writes to it at
// a time.
//
//   config.yaml       the resolved config, every default filled in
//   provenance.json   what the results depend on: versions, hashes, machine, command line
//   events.jsonl      what happened when
//   <cell>.json       one result a cell (in a folder per dataset when there are several)
//   results.csv, results.json, aggregated_results.json, significance_tests.json
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "campaign/cell.h"

namespace pressroom {

class CampaignDirectory {
 public:
  // Creates `directory` where it is missing and locks it for this process. Throws Error when it
  // cannot be written, or when another run holds it.
  explicit CampaignDirectory(const std::filesystem::path& directory);
  ~CampaignDirectory();
  CampaignDirectory(const CampaignDirectory&) = delete;
  CampaignDirectory& operator=(const CampaignDirectory&) = delete;

  const std::filesystem::path& path() const { return directory_; }

  // Throws Error when another resolved config than `yaml` is stored: a directory holds one
  // campaign.
  void check_config(const std::string& yaml) const;
  // Stores the resolved config where none is stored yet.
  void freeze_config(const std::string& yaml) const;

  // `folder` is the dataset's label where there are several datasets, else "".
  std::filesystem::path cell_file(const Cell& cell, const std::string& folder) const;
  // The stored result with this content key, if there is one and it did not fail. Throws Error when
  // what is stored is not a whole result as it was written.
  std::optional<CellResult> load_cell(const Cell& cell, const std::string& folder,
                                      const std::string& content_key) const;
  void store_cell(const CellResult& result, const std::string& folder) const;

  void write(const std::string& name, const std::string& content) const;
  // Appends one line to events.jsonl, stamped with the time in UTC. Throws Error when it cannot.
  void log_event(nlohmann::ordered_json event) const;

 private:
  std::filesystem::path directory_;
  int lock_ = -1;
};

}  // namespace pressroom
