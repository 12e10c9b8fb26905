// What a campaign's directory says of one cell, for runs that are about to begin and for those that
// only look.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "results/cell.h"
#include "results/made_from.h"

namespace pressroom {

// What to do where a file of a campaign is missing.
inline constexpr const char* kRunAgain = "run the campaign again with this version";

// The bytes of a file that the campaign's directory must have. Throws Error, with what to do, where
// they cannot be read.
std::string read_campaign_file(const std::filesystem::path& file);

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

}  // namespace pressroom
