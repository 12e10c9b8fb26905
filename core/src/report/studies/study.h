// What the files of a study are made from - the campaign's config and methods as they tell of
// them - and what they are.
//
//   const StudyInput input = {results, report, setting};
//   for (const StudyFile& file : perplexity_sweeps(input).files) write(file.name, file.text);
//
// One function a study's output, from results to texts: nothing here touches the disk.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "report/figures/figure.h"
#include "results/cell.h"
#include "stats/comparison.h"

namespace pressroom {

struct CampaignConfig;

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

// A campaign's config as the studies' files tell it. `config` of it: name, model, device, dtype,
// engine, protocol, context_lengths, num_samples, datasets, methods and metrics (by label: name and
// parameters), sparsity_levels or budgets, seeds.
StudySetting study_setting_of(const CampaignConfig& config);

// The parts of a method's cache under the names that the study of accelerated inference gives them.
//
//   {n_sink: 4}, budget 256                                 {"start_size": 4, "recent_size": 252}
//   {n_sink: 4, recent: 128, heavy: 0, update_interval: 10}, budget 256
//       {"start_size": 4, "recent_size": 128, "heavy_size": 124, "update_interval": 10}
//
// Entries, under a budget of `budget_tokens`, of the parameters n_sink, recent, heavy, separators,
// local and capacity: start_size, recent_size, heavy_size, separator_size, local_size, capacity;
// and update_interval. What the method does not declare is left out, fractions are resolved. What
// the parts leave of the budget is heavy_size, entries chosen by score, where `heavy` is 0 or the
// method declares `recent` and no `heavy`; it is recent_size where n_sink is all that it declares.
nlohmann::ordered_json cache_sizes(const StudyMethod& method, std::int64_t budget_tokens);

// Entries that a head can come to hold: the `capacity` that the method declares, else the sum of
// its parts where it declares `heavy`, else the budget. A capacity of 0 is the budget.
std::int64_t cache_size(const StudyMethod& method, std::int64_t budget_tokens);

// "baseline" for the campaign's baseline, else the label: {mode} in the study's file names.
std::string mode_name(const std::string& method, const std::string& baseline);

}  // namespace pressroom
