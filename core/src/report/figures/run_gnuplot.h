// gnuplot as a child process.
//
//   const std::string failure = run_gnuplot({"ppl.gp"}, folder, log, std::chrono::seconds(60));
//   if (!failure.empty()) warn(failure);   // "gnuplot is not installed: ..."
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace pressroom {

// What run_gnuplot returns where there is none.
inline constexpr const char* kGnuplotMissing =
    "gnuplot is not installed: figures are there as data only (apt-get install gnuplot-nox)";

// Runs the gnuplot of PATH with `arguments`, as they are and without a shell, in `folder`. It reads
// no settings of the user's, and is killed when it takes longer than `limit`. What it says goes to
// the file `log`. Returns "" when it went well, else why not and what to do: no exception. Several
// may run at a time, each with a log of its own.
std::string run_gnuplot(const std::vector<std::string>& arguments,
                        const std::filesystem::path& folder, const std::filesystem::path& log,
                        std::chrono::milliseconds limit);

}  // namespace pressroom
