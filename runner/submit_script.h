// The script that a scheduler runs as each task of an array, in the scheduler's own words: what a
// person would have written who wants some `pressroom work DIR` to run.
//
//   SubmitRequest request;
//   request.directory = "/data/results/x";
//   write_file_atomically("/data/results/x/submit/slurm.sh", slurm_script(request));
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pressroom {

// All paths are absolute: tasks start on other machines, and in other folders.
struct SubmitRequest {
  std::filesystem::path program;    // pressroom itself
  std::filesystem::path directory;  // of the campaign
  std::vector<std::filesystem::path> plugin_folders;
  std::int64_t tasks = 1;
};

// For `sbatch`. Throws Error where the directory's name cannot be said in a directive.
std::string slurm_script(const SubmitRequest& request);

// For `hq submit`, of HyperQueue.
std::string hyperqueue_script(const SubmitRequest& request);

}  // namespace pressroom
