#include "campaign/other_results.h"

#include "base/sha256.h"
#include "pressroom/error.h"
#include "results/plan_json.h"
#include "results/stored_cell.h"

namespace pressroom {
namespace {

// Of a stored result whose plan does not say it; "" where there is none.
std::string key_of(const std::filesystem::path& file) {
  const std::optional<CellResult> stored = read_result(file);
  return stored ? stored->content_key : "";
}

}  // namespace

OtherResults::OtherResults(const std::vector<std::filesystem::path>& directories) {
  for (const std::filesystem::path& directory : directories) {
    if (!std::filesystem::exists(directory / "plan.json")) {
      throw Error({"there is no campaign to take results from", directory.string(),
                   "the directory of a campaign", "no plan.json",
                   "give the --out of another run, or results/<name>"});
    }
    const StoredPlan plan = read_plan(directory);
    for (const PlannedFile& planned : plan.cells) {
      const std::filesystem::path cell = std::filesystem::absolute(directory / planned.file);
      const std::string key = planned.content_key.empty() ? key_of(cell) : planned.content_key;
      if (!key.empty()) files_.emplace(key, cell);
    }
  }
}

std::optional<OtherResult> OtherResults::find(const std::string& content_key) const {
  const auto found = files_.find(content_key);
  if (found == files_.end()) return std::nullopt;
  // The plan says what the cell is to be; the file, what it is.
  std::optional<CellResult> stored = read_result(found->second);
  if (!stored || !stored->error.empty() || stored->content_key != content_key) return std::nullopt;
  return OtherResult{std::move(*stored), found->second, sha256_file(found->second)};
}

}  // namespace pressroom
