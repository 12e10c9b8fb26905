// The command that a config has for the end of a run (`on_end`), and what it is told.
//
//   RunSummary summary;
//   summary.name = "night";
//   summary.exit_code = 1;
//   if (const auto problem = run_end_hook("notify-send done", summary, say)) warn(problem->text());
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/utc_time.h"
#include "pressroom/error.h"
#include "work/run_tally.h"

namespace pressroom {

// For the command; then it is ended, with all that it has started.
inline constexpr std::chrono::seconds kEndHookLimit{60};

struct RunSummary {
  std::string name;                 // of the campaign
  std::filesystem::path directory;  // absolute
  std::vector<std::string> tags;
  UtcTime started;
  double seconds = 0;  // wall time of the run
  int exit_code = 0;   // that the command ends with
  RunCounts cells;

  // By the exit code: "finished", "failed" (cells did, or results contradict themselves),
  // "interrupted", or "error", where something could not be done: a result could not be written.
  const char* state() const;
};

// docs/schemas/run_summary.schema.json.
nlohmann::ordered_json to_json(const RunSummary& summary);

// Runs `command` by /bin/sh in the current folder, with the summary on one line of its standard
// input. Each line that it says, on either way, goes to `say`, made printable; of much output the
// first 64 KiB. Returns what went wrong: it could not be started, took longer than kEndHookLimit,
// or ended with another code than 0.
std::optional<Problem> run_end_hook(const std::string& command, const RunSummary& summary,
                                    const std::function<void(const std::string& line)>& say);

}  // namespace pressroom
