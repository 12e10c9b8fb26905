// The files of studies that a campaign can leave beside the common ones.
//
//   outputs: [comparison_summary, press_folders]     # in a campaign file
//
// The names stand here, below both the config that checks them and the report that writes the
// files.
#pragma once

#include <string>
#include <vector>

namespace pressroom {

// The names that `outputs` takes, in the order in which the files are written.
const std::vector<std::string>& study_outputs();

}  // namespace pressroom
