// The files a finished campaign leaves beside its cells.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "campaign/cell.h"

namespace pressroom {

// Compares the methods and writes results.csv, results.json, aggregated_results.json and
// significance_tests.json into `directory`. Returns the results table as text, coloured on request.
std::string write_campaign_files(const std::vector<CellResult>& results,
                                 const std::filesystem::path& directory, bool colour);

}  // namespace pressroom
