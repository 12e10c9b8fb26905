// Results found by what they are made from: a question that was answered - in this campaign, in one
// of its earlier configs, or in another campaign - need not be computed again.
//
//   const ResultsByKey results({"results/last_week"});
//   if (const auto found = results.find(job.content_key)) use(found->result, found->file);
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "results/cell.h"

namespace pressroom {

struct FoundResult {
  CellResult result;
  std::filesystem::path file;  // absolute
};

// What the file of a result says at a glance, without a check that it is whole.
struct ResultGlance {
  std::string content_key;
  bool has_failed = false;
};

// Nothing where there is no file, or one that does not read like a result.
std::optional<ResultGlance> glance_at_result(const std::filesystem::path& file);

class ResultsByKey {
 public:
  ResultsByKey() = default;
  // Of each directory the present plan comes first, then those of its history (results/history.h),
  // the newest first. Reads plans, and results only of plans that do not say what their cells are
  // made from. Throws Error where one of the directories holds no campaign.
  explicit ResultsByKey(const std::vector<std::filesystem::path>& directories);

  // Whether find() would have one, as far as that can be told at a glance.
  bool has(const std::string& content_key) const;

  // The result with this content key, nothing where there is none without an error. Throws Error
  // where its file is not whole as it was written.
  std::optional<FoundResult> find(const std::string& content_key) const;

 private:
  void add_plan(const std::filesystem::path& folder);

  // By content key, in the order in which they are tried.
  std::unordered_map<std::string, std::vector<std::filesystem::path>> files_;
};

}  // namespace pressroom
