#include "campaign/stored_cell.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "campaign/cell_json.h"
#include "files/read_file.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

std::string read_file(const std::filesystem::path& file) {
  std::string why;
  std::optional<std::string> text = read_regular_file(file, why);
  if (text) return std::move(*text);
  throw Error({"a file of the campaign cannot be read", file.string(), "a file that can be read",
               why, "check its permissions, or remove it and run the campaign again"});
}

}  // namespace

std::filesystem::path cell_file_in(const std::filesystem::path& directory, const Cell& cell,
                                   const std::string& folder) {
  return directory / folder / (cell.file_stem() + ".json");
}

std::optional<CellResult> read_result(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return std::nullopt;
  return cell_result_from_json(read_file(file), file.string());
}

MadeFrom read_made_from(const std::filesystem::path& file) {
  const auto json = nlohmann::ordered_json::parse(read_file(file), nullptr, false);
  MadeFrom parts;
  const auto found = json.find("made_from");
  if (found == json.end() || !found->is_object()) return parts;
  for (const auto& [name, value] : found->items()) {
    if (value.is_string()) parts[name] = value;
  }
  return parts;
}

std::string frozen_yaml(CampaignConfig config) {
  config.threads = 0;
  return to_yaml(config);
}

void check_stored_config(const std::filesystem::path& directory, const std::string& yaml) {
  const std::filesystem::path file = directory / "config.yaml";
  if (!std::filesystem::exists(file) || read_file(file) == yaml) return;
  throw Error({"the output directory holds another campaign", file.string(),
               "the config this directory was started with", "a config that resolves differently",
               "choose another directory with --out, or run the old config to finish it"});
}

}  // namespace pressroom
