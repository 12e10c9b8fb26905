#include "campaign/directory.h"

#include <ctime>
#include <nlohmann/json.hpp>

#include "campaign/frozen_config.h"
#include "results/cell_json.h"
#include "results/sealed_json.h"

namespace pressroom {
namespace {

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts = {};
  ::gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

// What plugins and file systems say need not be UTF-8.
std::string text_of(const nlohmann::ordered_json& json, int indent) {
  return json.dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

CampaignDirectory::CampaignDirectory(const std::filesystem::path& directory)
    : directory_(directory), lock_(directory) {}

void CampaignDirectory::check_config(const std::string& yaml) const {
  check_stored_config(directory_, yaml);
}

void CampaignDirectory::freeze_config(const std::string& yaml) const {
  const std::filesystem::path file = directory_ / "config.yaml";
  lock_.check_place();
  if (!std::filesystem::exists(file)) write_file_atomically(file, yaml);
}

std::filesystem::path CampaignDirectory::cell_file(const Cell& cell,
                                                   const std::string& folder) const {
  return cell_file_in(directory_, cell, folder);
}

std::optional<CellResult> CampaignDirectory::load_cell(const Cell& cell, const std::string& folder,
                                                       const std::string& content_key) const {
  std::optional<CellResult> stored = read_result(cell_file(cell, folder));
  if (!stored || !stored->error.empty() || stored->content_key != content_key) return std::nullopt;
  return stored;
}

std::string CampaignDirectory::why_again(const Cell& cell, const std::string& folder,
                                         const MadeFrom& made_from) const {
  const std::filesystem::path file = cell_file(cell, folder);
  const std::optional<CellResult> stored = read_result(file);
  if (!stored) return "";
  return stored->error.empty() ? what_changed(read_made_from(file), made_from) : kFailedBefore;
}

void CampaignDirectory::store_cell(const CellResult& result, const std::string& folder,
                                   const MadeFrom& made_from) {
  lock_.check_place();
  nlohmann::ordered_json json = to_json(result);
  if (!made_from.empty()) json["made_from"] = made_from;
  seal(json);
  const std::filesystem::path file = cell_file(result.cell, folder);
  write_file_atomically(file, text_of(json, 1), Sync::kLater);
  unsynced_.insert(file.parent_path());
  if (std::chrono::steady_clock::now() - synced_ > std::chrono::seconds(1)) sync_cells();
}

void CampaignDirectory::sync_cells() {
  for (const std::filesystem::path& folder : unsynced_) sync_folder(folder);
  unsynced_.clear();
  synced_ = std::chrono::steady_clock::now();
}

void CampaignDirectory::write(const std::string& name, const std::string& content) const {
  lock_.check_place();
  write_file_atomically(directory_ / name, content);
}

void CampaignDirectory::log_event(const nlohmann::ordered_json& event, Sync sync) {
  lock_.check_place();
  if (sync == Sync::kNow) sync_cells();
  nlohmann::ordered_json line = {{"time", utc_now()}};
  line.update(event);
  append_to_file(directory_ / "events.jsonl", text_of(line, -1), sync);
}

}  // namespace pressroom
