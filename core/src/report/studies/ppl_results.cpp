#include "report/studies/ppl_results.h"

#include <set>

#include "base/json_number.h"
#include "base/number_text.h"
#include "report/studies/cache_sizes.h"
#include "report/studies/study_groups.h"
#include "report/table/significance_json.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

Json config_of(const CellGroup& group, const StudyInput& input) {
  const StudyMethod* method = input.setting.method(group.method);
  const bool evicts = group.method != input.report.baseline && method != nullptr;
  Json json = evicts ? cache_sizes(*method, group.budget_tokens) : Json::object();
  json["cache_size"] = evicts ? Json(cache_size(*method, group.budget_tokens)) : Json(nullptr);
  json["method"] = method == nullptr ? group.method : method->name;
  json["parameters"] = method == nullptr ? Json::object() : method->parameters;
  json["model_name_or_path"] = input.setting.model;
  json["context_length"] = group.context_tokens;
  json["protocol"] = group.protocol;
  return json;
}

Json result_of(const CellGroup& group, const StudyInput& input) {
  const GroupLoss loss = group_loss(group);
  Json json;
  json["mode"] = mode_name(group.method, input.report.baseline);
  json["ppl"] = json_number(loss.perplexity());
  json["num_tokens"] = json_count(loss.targets);
  json["num_samples"] = json_count(loss.windows);
  json["avg_cache_size"] = json_number(metric_mean(group, "mean_cache_entries"));
  json["peak_cache_size"] = json_number(metric_mean(group, "peak_cache_entries"));
  json["config"] = config_of(group, input);
  if (!group.complete()) json["incomplete"] = group.why_incomplete();
  return json;
}

}  // namespace

StudyFiles ppl_results(const StudyInput& input) {
  const std::vector<CellGroup> groups = group_cells(input.results, input.report.baseline);
  std::set<std::int64_t> contexts;
  for (const CellGroup& group : groups) contexts.insert(group.context_tokens);
  StudyFiles out;
  for (const CellGroup& group : groups) {
    std::string name =
        "ppl_" + group.dataset + "/ppl_results_" + mode_name(group.method, input.report.baseline);
    if (has_other_budgets(group, groups)) name += "_s" + sparsity_text(group.sparsity);
    if (contexts.size() > 1) name += "_ctx" + std::to_string(group.context_tokens);
    out.files.push_back({name + ".json", json_text(result_of(group, input))});
  }
  return out;
}

}  // namespace pressroom
