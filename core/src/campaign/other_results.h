// Results of other campaigns, found by what they are made from: who asks the same question twice
// need not compute twice.
//
//   const OtherResults others({"results/last_week"});
//   if (const auto found = others.find(job.content_key)) use(found->result, found->file);
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "results/cell.h"

namespace pressroom {

struct OtherResult {
  CellResult result;
  std::filesystem::path file;  // absolute
  std::string sha256;          // of the file
};

class OtherResults {
 public:
  // Reads the plans of `directories`, and results only of campaigns whose plans do not say what
  // their cells are made from. Throws Error where one of them holds no campaign.
  explicit OtherResults(const std::vector<std::filesystem::path>& directories);

  // The result with this content key, nothing where none of the campaigns has it without an error.
  // Throws Error where its file is not whole as it was written.
  std::optional<OtherResult> find(const std::string& content_key) const;

 private:
  std::map<std::string, std::filesystem::path> files_;  // by content key; the first of equals
};

}  // namespace pressroom
