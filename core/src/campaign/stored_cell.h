// What a campaign's directory says of one cell and of its config, for runs that are about to begin
// and for those that only look.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "campaign/cell.h"
#include "campaign/made_from.h"
#include "config/config.h"

namespace pressroom {

// The result in `file`, nothing where there is no file. Throws Error when it is not a whole result
// as it was written.
std::optional<CellResult> read_result(const std::filesystem::path& file);

// What the result in `file`, which read_result() has found whole, says that it was made from; empty
// where an older version wrote it.
MadeFrom read_made_from(const std::filesystem::path& file);

// Where the result of `cell` lies in `directory`. `folder` is the dataset's label where there are
// several datasets, else "".
std::filesystem::path cell_file_in(const std::filesystem::path& directory, const Cell& cell,
                                   const std::string& folder);

// The resolved config as a directory keeps it: without what says how fast and not what.
std::string frozen_yaml(CampaignConfig config);

// Throws Error when another resolved config than `yaml` is stored in `directory`: it holds one
// campaign.
void check_stored_config(const std::filesystem::path& directory, const std::string& yaml);

}  // namespace pressroom
