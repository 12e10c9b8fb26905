// The files of studies that a campaign can leave beside the common ones.
//
//   outputs: [comparison_summary, press_folders]     # in a campaign file
//
// The names stand here, below both the config that checks them and the report that writes the
// files.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace pressroom {

// The names that `outputs` takes, in the order in which the files are written.
const std::vector<std::string>& study_outputs();

// At least as many bytes as any one name has of the files and folders that `outputs` make of a cell
// of that dataset and method; 0 where none of them has the labels in its names. A file system takes
// 255.
std::size_t study_name_bytes(const std::vector<std::string>& outputs, const std::string& model,
                             const std::string& dataset, const std::string& method);

}  // namespace pressroom
