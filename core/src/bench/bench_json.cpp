#include "bench/bench_json.h"

#include <nlohmann/json.hpp>

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

Json run_json(const BenchReport& report, const BenchRun& run) {
  const Spread spread = spread_of(run.seconds);
  Json json = {{"method", run.method.label},
               {"engine", to_string(run.engine)},
               {"positions", to_string(run.positions)},
               {"tokens", run.tokens},
               {"seconds", run.seconds},
               {"min_seconds", spread.least},
               {"median_seconds", spread.median},
               {"max_seconds", spread.most},
               {"tokens_per_second", report.tokens_per_second(run)},
               {"ratio_to_baseline", report.ratio_to_baseline(run)},
               {"peak_bytes_above_loaded", nullptr},
               {"mean_nll", run.mean_nll}};
  if (run.peak_bytes) json["peak_bytes_above_loaded"] = *run.peak_bytes;
  if (!run.step_seconds.empty()) {
    json["step_ms_p50"] = 1e3 * quantile(run.step_seconds, 0.5);
    json["step_ms_p95"] = 1e3 * quantile(run.step_seconds, 0.95);
  }
  return json;
}

}  // namespace

nlohmann::ordered_json to_json(const BenchReport& report) {
  Json runs = Json::array();
  for (const BenchRun& run : report.runs) runs.push_back(run_json(report, run));
  return {{"model", report.model},
          {"weight_bytes", report.weight_bytes},
          {"dtype", to_string(report.dtype)},
          {"blas", report.blas},
          {"ids_sha256", report.ids_sha256},
          {"tokens", report.tokens},
          {"documents", report.documents},
          {"budget_tokens", report.budget_tokens},
          {"threads", report.threads},
          {"runs", runs}};
}

nlohmann::ordered_json to_json(const KernelReport& report) {
  const KernelShape& shape = report.shape;
  Json figures = Json::array();
  for (const KernelFigure& figure : report.figures) {
    Json json = {{"name", figure.name},
                 {"bytes", figure.bytes},
                 {"flops", figure.flops},
                 {"calls_per_second", figure.calls_per_second},
                 {"gigabytes_per_second", figure.gigabytes_per_second()},
                 {"gigaflops_per_second", figure.gigaflops_per_second()},
                 {"limit", nullptr},
                 {"fraction_of_limit", nullptr}};
    if (const auto fraction = report.fraction_of_limit(figure)) {
      json["limit"] = fraction->limit;
      json["fraction_of_limit"] = fraction->value;
    }
    figures.push_back(json);
  }
  return {{"head_dim", shape.head_dim},
          {"group", shape.group},
          {"budget_tokens", shape.budget_tokens},
          {"tokens", shape.tokens},
          {"threads", shape.threads},
          {"figures", figures}};
}

}  // namespace pressroom
