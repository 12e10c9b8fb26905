// What the files of a study are made from, and what they are.
//
//   const StudyInput input = {results, report, setting};
//   for (const StudyFile& file : perplexity_sweeps(input).files) write(file.name, file.text);
//
// One function a study's output, from results to texts: nothing here touches the disk.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "report/figures/figure.h"
#include "results/cell.h"
#include "stats/comparison.h"

namespace pressroom {

// A method as the config uses it.
struct StudyMethod {
  std::string label;
  std::string name;                   // of its plugin
  nlohmann::ordered_json parameters;  // every declared one, by name; inner methods as mappings
};

// What of the campaign's config stands in the studies' files.
struct StudySetting {
  std::string name;
  std::string model;
  std::string device;
  std::string dtype;
  std::vector<StudyMethod> methods;
  nlohmann::ordered_json config;  // all of it, for the "config" of a file

  const StudyMethod* method(const std::string& label) const;  // nullptr when it is not there
};

struct StudyInput {
  const std::vector<CellResult>& results;
  const ComparisonReport& report;
  const StudySetting& setting;
};

struct StudyFile {
  std::string name;  // relative to the campaign's directory: "ppl_pg19/ppl_results_h2o.json"
  std::string text;
};

struct StudyFigure {
  std::string folder;  // likewise; "" for the directory itself
  Figure figure;
};

struct StudyFiles {
  std::vector<StudyFile> files;
  std::vector<StudyFigure> figures;  // drawn as PNG
};

}  // namespace pressroom
