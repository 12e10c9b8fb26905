#include "results/results_by_key.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/whole_file.h"
#include "pressroom/error.h"
#include "results/history.h"
#include "results/plan_json.h"
#include "results/stored_cell.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

// The text of a plain string of the outermost object, as json_text(json, 1) writes it: no line
// within a string or a deeper object begins like this.
std::optional<std::string> outer_string(std::string_view text, const std::string& key) {
  const std::string start = "\n \"" + key + "\": \"";
  const std::size_t at = text.find(start);
  if (at == std::string_view::npos) return std::nullopt;
  const std::size_t begin = at + start.size();
  const std::size_t end = text.find('"', begin);
  if (end == std::string_view::npos) return std::nullopt;
  return std::string(text.substr(begin, end - begin));
}

}  // namespace

std::optional<ResultGlance> glance_at_result(const fs::path& file) {
  const std::string text = text_of_file(file);
  if (is_torn(text)) return std::nullopt;
  const std::optional<std::string> key = outer_string(text, "content_key");
  const std::optional<std::string> error = outer_string(text, "error");
  if (key && error) return ResultGlance{*key, !error->empty()};
  // Written by something else; whether it is a result, the seal says when it is read.
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("content_key") || !json["content_key"].is_string()) {
    return std::nullopt;
  }
  const auto failure = json.find("error");
  const bool has_failed = failure != json.end() && failure->is_string() && *failure != "";
  return ResultGlance{json["content_key"], has_failed};
}

ResultsByKey::ResultsByKey(const std::vector<fs::path>& directories) {
  for (const fs::path& directory : directories) {
    if (!fs::exists(directory / "plan.json")) {
      throw Error({"there is no campaign to take results from", directory.string(),
                   "the directory of a campaign", "no plan.json",
                   "give the --out of another run, or results/<name>"});
    }
    add_plan(directory);
    const std::vector<fs::path> past = past_folders(directory);
    for (auto folder = past.rbegin(); folder != past.rend(); ++folder) add_plan(*folder);
  }
}

void ResultsByKey::add_plan(const fs::path& folder) {
  for (const PlannedFile& planned : read_plan(folder).cells) {
    const fs::path file = fs::absolute(folder / planned.file);
    std::string key = planned.content_key;
    if (key.empty()) {
      const std::optional<ResultGlance> stored = glance_at_result(file);
      if (stored) key = stored->content_key;
    }
    if (!key.empty()) files_[key].push_back(file);
  }
}

bool ResultsByKey::has(const std::string& content_key) const {
  const auto found = files_.find(content_key);
  if (found == files_.end()) return false;
  return std::any_of(found->second.begin(), found->second.end(), [&](const fs::path& file) {
    const std::optional<ResultGlance> stored = glance_at_result(file);
    return stored && !stored->has_failed && stored->content_key == content_key;
  });
}

std::optional<FoundResult> ResultsByKey::find(const std::string& content_key) const {
  const auto found = files_.find(content_key);
  if (found == files_.end()) return std::nullopt;
  for (const fs::path& file : found->second) {
    // The plan says what the cell is to be; the file, what it is.
    std::optional<CellResult> stored = read_result(file);
    if (!stored || !stored->error.empty() || stored->content_key != content_key) continue;
    return FoundResult{std::move(*stored), file};
  }
  return std::nullopt;
}

}  // namespace pressroom
