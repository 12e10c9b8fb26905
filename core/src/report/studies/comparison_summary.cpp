#include <algorithm>
#include <cmath>

#include "base/json_text.h"
#include "base/number_text.h"
#include "base/utf8.h"
#include "report/studies/study_files.h"
#include "report/studies/study_groups.h"
#include "results/metric_names.h"
#include "stats/verdict.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kBaseline = "baseline";  // the study's name for dense

// Keys as counted in the caches at the end, summed over windows, layers, heads and seeds.
struct Keys {
  std::optional<double> kept;
  std::optional<double> discarded;

  bool known() const { return kept && discarded; }
  std::optional<double> original() const {
    return known() ? std::optional<double>(*kept + *discarded) : std::nullopt;
  }
  std::optional<double> ratio() const {
    return known() ? std::optional<double>(*discarded / *original()) : std::nullopt;
  }
};

Keys keys_of(const CellGroup& group) {
  return {metric_sum(group, metric_names::kKept), metric_sum(group, metric_names::kDiscarded)};
}

Json count(const std::optional<double>& value) {
  return json_count(value ? std::optional<std::int64_t>(std::llround(*value)) : std::nullopt);
}

Json stats_json(const Keys& keys) {
  const std::optional<double> ratio = keys.ratio();
  Json json;
  json["avg_compression_ratio"] = json_number(ratio);
  json["sparsity_percentage"] = ratio ? json_number(100 * *ratio) : Json(nullptr);
  json["total_keys_original"] = count(keys.original());
  json["total_keys_kept"] = count(keys.kept);
  json["total_keys_discarded"] = count(keys.discarded);
  return json;
}

Json detailed(const CellGroup& group, const StudyInput& input) {
  const GroupLoss loss = group_loss(group);
  const StudyMethod* method = input.setting.method(group.method);
  Json json;
  json["method_name"] = group.method == input.report.baseline ? kBaseline : group.method;
  json[metric_names::kPerplexity] = json_number(loss.perplexity());
  json["avg_nll"] = json_number(loss.cross_entropy);
  json["total_tokens"] = json_count(loss.targets);
  json["compression_stats"] = stats_json(keys_of(group));
  json["sparsity"] = group.sparsity;
  json["budget_tokens"] = group.budget_tokens;
  add_kv_dtype(group, json);
  json["num_samples"] = json_count(loss.windows);
  json["parameters"] = method == nullptr ? Json::object() : method->parameters;
  if (!group.complete()) json["incomplete"] = group.why_incomplete();
  return json;
}

// What of a method stands in the summary, and in its table.
struct Row {
  std::string method;
  double perplexity = 0;
  double delta = 0;
  double delta_pct = 0;
  int pct_decimals = 2;
  std::optional<double> ratio;
  std::string verdict;
};

Row row_of(const CellGroup& group, double baseline_ppl, const ComparisonReport& report) {
  const double perplexity = group_loss(group).perplexity();
  const Comparison* comparison = report.find(group);
  return {group.method,
          perplexity,
          perplexity - baseline_ppl,
          100 * (perplexity / baseline_ppl - 1),
          comparison == nullptr ? 2 : std::min(2, percent_decimals(*comparison)),
          keys_of(group).ratio(),
          comparison == nullptr ? "" : verdict(*comparison, report.margin_of(comparison->judge))};
}

Json row_json(const Row& row, const CellGroup& group, const ComparisonReport& report) {
  const Comparison* comparison = report.find(group);
  Json json;
  json["method"] = row.method;
  json[metric_names::kPerplexity] = json_number(row.perplexity);
  json["ppl_delta"] = json_number(row.delta);
  json["ppl_delta_pct"] = json_number(row.delta_pct);
  json["compression_ratio"] = json_number(row.ratio);
  json["sparsity"] = group.sparsity;
  add_kv_dtype(group, json);
  json["p_adjusted"] = comparison == nullptr ? Json(nullptr) : json_number(comparison->p_holm);
  json["verdict"] = row.verdict;
  return json;
}

std::string cell_text(double value, int decimals, const char* unit, bool sign) {
  if (!std::isfinite(value)) return "-";
  return (sign && value >= 0 ? "+" : "") + fixed(value, decimals) + unit;
}

std::string line(const std::string& method, std::size_t width, const Row& row) {
  return padded(printable_line(method), width) +
         padded(cell_text(row.perplexity, 4, "", false), 13) +
         padded(cell_text(row.delta, 4, "", true), 13) +
         padded(cell_text(row.delta_pct, row.pct_decimals, " %", true), 13) +
         padded(row.ratio ? cell_text(100 * *row.ratio, 1, " %", false) : "-", 13) +
         printable_line(row.verdict);
}

// "baseline", the method's label, with its sparsity where the block has it at several.
std::string row_name(const CellGroup& group, const GroupBlock& block, const std::string& baseline) {
  if (group.method == baseline) return kBaseline;
  const auto others =
      std::count_if(block.groups.begin(), block.groups.end(),
                    [&](const CellGroup* other) { return other->method == group.method; });
  return others > 1 ? group.name() : group.method;
}

std::size_t name_width(const GroupBlock& block, const std::string& baseline) {
  std::size_t width = 12;
  for (const CellGroup* group : block.groups) {
    width = std::max(width, row_name(*group, block, baseline).size() + 2);
  }
  return width;
}

void add_block(const GroupBlock& block, const std::string& suffix, const StudyInput& input,
               StudyFiles& out) {
  const ComparisonReport& report = input.report;
  double baseline_ppl = std::nan("");
  Json details = {{"config", input.setting.config}, {"results", Json::array()}};
  const std::size_t width = name_width(block, report.baseline);
  std::string table = padded("Method", width) + padded("Perplexity", 13) + padded("Delta", 13) +
                      padded("Delta %", 13) + padded("Compression", 13) + "Verdict\n" +
                      std::string(width + 4 * 13 + 7, '-') + "\n";
  Json summary;
  summary["baseline_perplexity"] = nullptr;
  summary["dataset"] = block.dataset;
  summary["context_length"] = block.context_tokens;
  summary["results"] = Json::array();
  for (const CellGroup* group : block.groups) {
    details["results"].push_back(detailed(*group, input));
    const bool is_baseline = group->method == report.baseline;
    if (is_baseline) {
      baseline_ppl = group_loss(*group).perplexity();
      summary["baseline_perplexity"] = json_number(baseline_ppl);
    }
    const Row row = row_of(*group, baseline_ppl, report);
    if (!is_baseline) summary["results"].push_back(row_json(row, *group, report));
    std::string text = line(row_name(*group, block, report.baseline), width, row);
    text.erase(text.find_last_not_of(' ') + 1);
    table += text + "\n";
  }
  out.files.push_back({"comparison_summary" + suffix + ".json", json_text(summary)});
  out.files.push_back({"detailed_results" + suffix + ".json", json_text(details)});
  out.files.push_back({"comparison_summary" + suffix + ".txt", table});
}

}  // namespace

StudyFiles comparison_summary(const StudyInput& input) {
  StudyFiles out;
  const std::vector<CellGroup> groups = group_cells(input.results, input.report.baseline);
  for (const GroupBlock& block : group_blocks(groups)) {
    add_block(block, block_suffix(block, groups), input, out);
  }
  return out;
}

}  // namespace pressroom
