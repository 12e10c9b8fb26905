#include "report/studies/press_folders.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "base/csv_line.h"
#include "base/number_text.h"
#include "report/studies/press_measures.h"
#include "report/studies/press_sweep.h"
#include "report/studies/study_groups.h"
#include "report/table/significance_json.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

// Part of a folder's name: "/" is "--", as kvpress has it, and what is no letter, digit or one of
// "._-+" is "-".
std::string folder_word(const std::string& text) {
  std::string word;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (c == '/') {
      word += "--";
    } else {
      word += plain || std::string("._-+").find(c) != std::string::npos ? c : '-';
    }
  }
  return word;
}

// A model on disk goes by the name of its folder or file.
std::string model_word(const std::string& model) {
  const bool is_path = !model.empty() && model.front() == '/';
  return folder_word(is_path ? model.substr(model.find_last_of('/') + 1) : model);
}

// Two decimals, as kvpress has it, or as many as tell it from others.
std::string ratio_word(double ratio) {
  constexpr std::string_view kMore = "0000";
  const std::string six = fixed(ratio, 6);
  const std::size_t two = six.size() - kMore.size();
  return six.substr(two) == kMore ? six.substr(0, two) : exact(ratio);
}

std::string folder_of(const CellGroup& group, bool several_contexts, const StudyInput& input) {
  std::string name = folder_word(group.dataset) + "__" + model_word(input.setting.model) + "__" +
                     folder_word(press_name(group, input.report.baseline)) + "__" +
                     ratio_word(group.sparsity);
  if (several_contexts) name += "__max_context" + std::to_string(group.context_tokens);
  return name + "/";
}

std::string predictions(const CellGroup& group) {
  std::string text = "seed,document,num_tokens,sum_nll_nats,mean_nll_nats\n";
  for (const CellResult* cell : group.cells) {
    for (const DocumentResult& document : cell->documents) {
      text += csv_line({std::to_string(cell->cell.seed), document.id,
                        std::to_string(document.targets.size()), exact(document.sum_nll_nats),
                        exact(document.mean_nll_nats())});
    }
  }
  return text;
}

// JSON is YAML: values are written as inline JSON, so that none needs quoting of another kind.
std::string config_yaml(const CellGroup& group, const StudyInput& input) {
  const StudyMethod* method = input.setting.method(group.method);
  Json json;
  json["dataset"] = group.dataset;
  json["model"] = input.setting.model;
  json["device"] = input.setting.device;
  json["dtype"] = input.setting.dtype;
  json["press_name"] = press_name(group, input.report.baseline);
  json["method"] = method == nullptr ? group.method : method->name;
  json["parameters"] = method == nullptr ? Json::object() : method->parameters;
  json["compression_ratio"] = group.sparsity;
  json["budget_tokens"] = group.budget_tokens;
  json["max_context_length"] = group.context_tokens;
  json["protocol"] = group.protocol;
  json["seeds"] = Json::array();
  for (const CellResult* cell : group.cells) json["seeds"].push_back(cell->cell.seed);
  std::string text;
  for (const auto& [key, value] : json.items()) {
    text += key + ": " + value.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  return text;
}

}  // namespace

StudyFiles press_folders(const StudyInput& input) {
  const std::vector<CellGroup> groups = group_cells(input.results, input.report.baseline);
  std::set<std::int64_t> contexts;
  for (const CellGroup& group : groups) contexts.insert(group.context_tokens);
  StudyFiles out;
  for (const CellGroup& group : groups) {
    const std::string folder = folder_of(group, contexts.size() > 1, input);
    out.files.push_back({folder + "metrics.json", json_text(press_measures(group))});
    out.files.push_back({folder + "predictions.csv", predictions(group)});
    out.files.push_back({folder + "config.yaml", config_yaml(group, input)});
  }
  out.files.push_back(press_sweep_file(input, groups));
  out.figures.push_back(press_tradeoff(input, groups));
  return out;
}

}  // namespace pressroom
