// Files of a study from made-up results, for tests of them.
//
//   const StudyFiles out = made(study_campaign(), "ppl_results");
//   json_of(out, "ppl_books/ppl_results_h2o.json")["ppl"];
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "report/studies/study_files.h"
#include "study_results.h"

namespace pressroom {

inline StudyFiles made(const std::vector<CellResult>& results, const std::string& output,
                       const StudySetting& setting = study_setting()) {
  const ComparisonReport report = compare(results);
  return make_study_files({results, report, setting}, {output});
}

inline std::string text_of(const StudyFiles& out, const std::string& name) {
  for (const StudyFile& file : out.files) {
    if (file.name == name) return file.text;
  }
  ADD_FAILURE() << "no file " << name;
  return "null";
}

inline nlohmann::ordered_json json_of(const StudyFiles& out, const std::string& name) {
  return nlohmann::ordered_json::parse(text_of(out, name));
}

inline std::vector<std::string> names_of(const StudyFiles& out) {
  std::vector<std::string> names;
  for (const StudyFile& file : out.files) names.push_back(file.name);
  return names;
}

}  // namespace pressroom
