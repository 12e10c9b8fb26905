#include "results/stored_cell.h"

#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "base/read_file.h"
#include "pressroom/error.h"
#include "results/cell_json.h"

namespace pressroom {
std::string read_campaign_file(const std::filesystem::path& file) {
  std::string why;
  std::optional<std::string> text = read_regular_file(file, why);
  if (text) return std::move(*text);
  std::error_code ignored;
  const std::filesystem::file_status status = std::filesystem::status(file, ignored);
  const char* fix = !std::filesystem::exists(status) ? kRunAgain
                    : std::filesystem::is_regular_file(status)
                        ? "check its permissions"
                        : "remove it, and run the campaign again";
  throw Error({"a file of the campaign cannot be read", file.string(), "a file that can be read",
               why, fix});
}

std::filesystem::path cell_file_in(const std::filesystem::path& directory, const Cell& cell,
                                   const std::string& folder) {
  return directory / folder / (cell.file_stem() + ".json");
}

std::optional<CellResult> read_result(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return std::nullopt;
  return cell_result_from_json(read_campaign_file(file), file.string());
}

MadeFrom read_made_from(const std::filesystem::path& file) {
  const auto json = nlohmann::ordered_json::parse(read_campaign_file(file), nullptr, false);
  MadeFrom parts;
  const auto found = json.find("made_from");
  if (found == json.end() || !found->is_object()) return parts;
  for (const auto& [name, value] : found->items()) {
    if (value.is_string()) parts[name] = value;
  }
  return parts;
}

}  // namespace pressroom
