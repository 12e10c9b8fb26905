#include "results/history.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/json_text.h"
#include "base/sha256.h"
#include "base/utc_time.h"
#include "base/whole_file.h"
#include "pressroom/error.h"
#include "results/plan_json.h"
#include "results/record_json.h"
#include "results/stored_cell.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kHistorySchema = "pressroom.history/1";
constexpr std::size_t kMostDigits = 9;

// 0 for what is no folder of a config: one that was being made, or somebody else's.
std::size_t number_of(const fs::path& folder) {
  const std::string name = folder.filename().string();
  const bool is_number = !name.empty() && name.size() <= kMostDigits && name[0] != '0' &&
                         name.find_first_not_of("0123456789") == std::string::npos;
  return is_number ? std::stoul(name) : 0;
}

// Of the first line of the log; "" where it says none.
std::string first_event(const fs::path& directory) {
  const std::string log = text_of_file(directory / "events.jsonl");
  const auto line = nlohmann::json::parse(log.substr(0, log.find('\n')), nullptr, false);
  const auto time = line.is_object() ? line.find("time") : line.end();
  const bool is_text = line.is_object() && time != line.end() && time->is_string();
  return is_text && parse_utc_time(time->get<std::string>()) ? time->get<std::string>() : "";
}

StoredConfig past_config(const fs::path& folder, const HistoryRecord& record) {
  StoredConfig config;
  config.number = number_of(folder);
  config.folder = folder;
  config.from = record.began;
  config.until = record.ended;
  const StoredPlan plan = read_plan(folder);
  config.cells = plan.cells.size();
  config.in_history = static_cast<std::size_t>(
      std::count_if(plan.cells.begin(), plan.cells.end(), [&](const PlannedFile& planned) {
        std::error_code ignored;
        return fs::exists(folder / planned.file, ignored);
      }));
  return config;
}

}  // namespace

std::string history_text(const HistoryRecord& record) {
  Json json = {{"schema", kHistorySchema},
               {"began", record.began},
               {"ended", record.ended},
               {"changes", record.changes}};
  seal(json);
  return json_text(json, 1);
}

HistoryRecord read_history_record(const fs::path& folder) {
  const fs::path file = folder / kHistoryFile;
  const char* fix = "put back the file as it was; the results beside it are not touched";
  const Json json = read_sealed(read_campaign_file(file),
                                {"the record of a config", file.string(), kHistorySchema, fix});
  try {
    return {json.at("began"), json.at("ended"), json.at("changes")};
  } catch (const Json::exception& error) {
    throw Error({"the record of a config is not whole", file.string(),
                 "a file as this version writes it", error.what(), fix});
  }
}

std::vector<fs::path> past_folders(const fs::path& directory) {
  std::vector<fs::path> folders;
  std::error_code ignored;
  for (const fs::directory_entry& entry :
       fs::directory_iterator(directory / kHistoryFolder, ignored)) {
    if (number_of(entry.path()) > 0 && entry.is_directory(ignored)) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end(),
            [](const fs::path& a, const fs::path& b) { return number_of(a) < number_of(b); });
  return folders;
}

std::optional<fs::path> unfinished_extension(const fs::path& directory) {
  const std::vector<fs::path> folders = past_folders(directory);
  if (folders.empty()) return std::nullopt;
  // Every plan has the random name of its run: no two are the same.
  const std::string present = text_of_file(directory / "plan.json");
  if (present.empty() || present != text_of_file(folders.back() / "plan.json")) return std::nullopt;
  return folders.back();
}

std::string text_of_plan(const fs::path& directory, const std::string& name,
                         const std::string& sha256) {
  const fs::path file = directory / name;
  std::string text = read_campaign_file(file);
  const std::string found = sha256_hex(text);
  if (found == sha256) return text;
  // The next config's may be there already.
  if (const std::optional<fs::path> folder = unfinished_extension(directory)) {
    std::string before = text_of_file(*folder / name);
    if (sha256_hex(before) == sha256) return before;
  }
  throw Error({"a file of the campaign was changed after it was written", file.string(),
               "content with SHA-256 " + sha256, "SHA-256 " + found,
               "put the old content back, or run the campaign again in another directory"});
}

std::vector<StoredConfig> read_history(const fs::path& directory) {
  const StoredPlan plan = read_plan(directory);
  const std::optional<fs::path> unfinished = unfinished_extension(directory);
  std::vector<StoredConfig> configs;
  StoredConfig present;
  present.from = first_event(directory);
  for (const fs::path& folder : past_folders(directory)) {
    if (unfinished && folder == *unfinished) break;
    const HistoryRecord record = read_history_record(folder);
    configs.push_back(past_config(folder, record));
    configs.back().changes = std::move(present.changes);
    present.number = configs.back().number + 1;
    present.from = record.ended;
    present.changes = record.changes;
  }
  present.folder = directory;
  present.cells = plan.cells.size();
  configs.push_back(std::move(present));
  return configs;
}

}  // namespace pressroom
