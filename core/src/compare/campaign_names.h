// Short names for campaigns that are told apart by where they lie.
//
//   distinguishing_names({"results/monday/h2o", "results/friday/h2o"})  ->  monday/h2o, friday/h2o
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace pressroom {

// Short names for directories: the shortest ends of their paths that differ.
// Throws Error when two paths lead to one directory.
std::vector<std::string> distinguishing_names(
    const std::vector<std::filesystem::path>& directories);

}  // namespace pressroom
