// The configs that a campaign's directory had before its present one. Each has a folder that is
// complete before anything of the next config is written:
//
//   history/1/config.yaml, plan.json, provenance.json, plugins.lock, calibration.json
//                               as they were
//   history/1/history.json      when it began and ended, and what the next config changed
//   history/1/<cell>.json       results of cells that left the plan then, as plan.json names them
//
// What is not in the folder of a config stayed in the directory's plan, and lies where the next
// config has it.
//
//   for (const StoredConfig& config : read_history("results/x")) {
//     config.number; config.from; config.until;    // 1, "2027-05-01T10:00:00Z", ...
//     config.changes;                              // {"h2o.recent 0.5 -> 0.3"}
//   }
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pressroom {

inline constexpr const char* kHistoryFolder = "history";
inline constexpr const char* kHistoryFile = "history.json";  // in the folder of each config

// A config that a directory has, or had.
struct StoredConfig {
  std::size_t number = 1;            // the first is 1
  std::filesystem::path folder;      // of its config.yaml and plan.json
  std::string from;                  // when it began, UTC; "" where it is not known
  std::string until;                 // when the next one took its place; "": the present one
  std::vector<std::string> changes;  // what made it another than the one before, in words
  std::size_t cells = 0;             // of its plan
  std::size_t in_history = 0;        // of these, with a result in `folder`; 0 for the present one
};

// All configs of the campaign in `directory`, the oldest first; the last is the present one. Reads
// no results. Throws Error where there is no campaign, or a file of the history is not whole.
std::vector<StoredConfig> read_history(const std::filesystem::path& directory);

// history.json of one config.
struct HistoryRecord {
  std::string began;                 // UTC; "" where it is not known
  std::string ended;                 // UTC
  std::vector<std::string> changes;  // what the next config changed, in words
};

std::string history_text(const HistoryRecord& record);
// Throws Error where the file is missing or not as it was written.
HistoryRecord read_history_record(const std::filesystem::path& folder);

// The folders of the configs before the present one, the oldest first.
std::vector<std::filesystem::path> past_folders(const std::filesystem::path& directory);

// The folder of the present config, which an extension that was interrupted has made: the plan in
// it is the directory's. Results that were about to leave the plan may lie there alone.
std::optional<std::filesystem::path> unfinished_extension(const std::filesystem::path& directory);

// The text of config.yaml or provenance.json that the directory's plan was made with, which has
// this SHA-256. Throws Error where there is none.
std::string text_of_plan(const std::filesystem::path& directory, const std::string& name,
                         const std::string& sha256);

}  // namespace pressroom
