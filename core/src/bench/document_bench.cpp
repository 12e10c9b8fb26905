#include "bench/document_bench.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

#include "admission/bind_method.h"
#include "base/process_memory.h"
#include "bench/bench_parts.h"
#include "bench/timing.h"
#include "campaign/sampling.h"
#include "campaign/score.h"
#include "engine/threads.h"
#include "parallel/parallel_for.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

ModelLimits limits_of(const BenchRequest& request, const ModelFacts& facts) {
  return {facts, request.beyond_positions, "--beyond-positions"};
}

// One run, made again and again.
class Runner {
 public:
  Runner(const BenchRequest& request, const Model& model, const ModelFiles& files,
         const RunControl& control, PluginHost& host, const std::vector<TokenDocument>& documents,
         BenchRun& run)
      : model_(model),
        control_(control),
        method_(make_configured_method(run.method, host)),
        documents_(documents),
        run_(run) {
    bind_method(*method_, run.method.name, files, model.facts());
    RunTerms terms = run.terms;
    terms.settings.random = RandomKey(0);
    terms.settings.threads = threads_or_all(request.threads);
    admitted_.emplace(*method_, std::move(terms), limits_of(request, model.facts()));
    for (TokenDocument& document : documents_) document.ids.resize(run.tokens);
  }

  // The seconds of the engine. Memory is looked at in the first call alone, as the look costs a
  // little.
  double call(std::optional<std::int64_t> resident_before) {
    if (calls_++ > 0 || !resident_before) return run_once();
    double seconds = 0;
    const std::optional<std::int64_t> peak = peak_resident_bytes([&] { seconds = run_once(); });
    if (peak) run_.peak_bytes = std::max<std::int64_t>(*peak - *resident_before, 0);
    return seconds;
  }

 private:
  double run_once() {
    runs_ = admitted_->run(model_, documents_, control_);
    double sum = 0;
    std::size_t targets = 0;
    for (const DocumentRun& run : runs_.documents) {
      sum = std::accumulate(run.nll_nats.begin(), run.nll_nats.end(), sum);
      targets += run.nll_nats.size();
      run_.step_seconds.insert(run_.step_seconds.end(), run.step_seconds.begin(),
                               run.step_seconds.end());
    }
    run_.mean_nll = sum / static_cast<double>(targets);
    return runs_.seconds;
  }

  const Model& model_;
  const RunControl& control_;
  std::unique_ptr<Method> method_;
  std::vector<TokenDocument> documents_;
  BenchRun& run_;
  std::optional<AdmittedRun> admitted_;
  CheckedRuns runs_;  // held until the next ones are there, as a campaign holds a cell's
  std::int64_t calls_ = 0;
};

std::string name_of(const BenchRun& run) {
  return run.method.label + ", " + to_string(run.positions) + ", " + to_string(run.engine);
}

void measure(const BenchRequest& request, const Model& model, const ModelFiles& files,
             const RunControl& control, PluginHost& host,
             const std::vector<TokenDocument>& documents, std::vector<BenchRun>& runs) {
  std::int64_t all = 0;
  for (const BenchRun& run : runs) all += run.repeats + (run.warms_up ? 1 : 0);
  std::int64_t done = 0;
  std::vector<std::unique_ptr<Runner>> runners;
  std::vector<TimedCall> calls;
  const std::optional<std::int64_t> resident = resident_bytes();
  for (BenchRun& run : runs) {
    runners.push_back(
        std::make_unique<Runner>(request, model, files, control, host, documents, run));
    Runner& runner = *runners.back();
    const auto call = [&request, &done, &run, &runner, all, resident] {
      request.on_run(done++, all, name_of(run));
      return runner.call(resident);
    };
    calls.push_back({call, run.repeats, run.warms_up});
  }
  const std::vector<std::vector<double>> seconds = time_round_robin(calls);
  for (std::size_t i = 0; i < runs.size(); ++i) runs[i].seconds = seconds[i];
}

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

double BenchReport::tokens_per_second(const BenchRun& run) const {
  return static_cast<double>(run.tokens * documents) / run.median_seconds();
}

double BenchReport::ratio_to_baseline(const BenchRun& run) const {
  return tokens_per_second(runs.front()) / tokens_per_second(run);
}

BenchReport bench_documents(const BenchRequest& request, PluginHost& host,
                            const RunControl& control) {
  BenchReport report;
  report.runs = planned_runs(request, host);
  const ModelFiles files = find_model(request.model);
  const ModelDescription description = read_description(files);
  const std::vector<TokenDocument> documents =
      documents_of_text(read_ids(request.ids_file, request.text_file, files),
                        request.ids_file.empty() ? request.text_file : request.ids_file,
                        request.tokens, request.documents);
  std::vector<std::int64_t> all_ids;
  for (const TokenDocument& document : documents) {
    check_ids(document, description.facts.vocabulary, Protocol());
    all_ids.insert(all_ids.end(), document.ids.begin(), document.ids.end());
  }
  check_context(description, request.tokens);

  for (const BenchRun& run : report.runs) {
    check_limits(run.terms, limits_of(request, description.facts));
  }

  LoadOptions load;
  load.dtype = request.dtype;
  load.threads = threads_or_all(request.threads);
  load.progress = request.load_progress;
  const std::unique_ptr<Model> model = Model::load(files, load);
  measure(request, *model, files, control, host, documents, report.runs);

  report.model = request.model;
  report.weight_bytes = model->weight_bytes();
  report.dtype = request.dtype;
  report.blas = blas_in_use();
  report.ids_sha256 = token_ids_sha256(all_ids);
  report.tokens = request.tokens;
  report.documents = request.documents;
  report.budget_tokens = request.budget_tokens;
  report.threads = threads_or_all(request.threads);
  return report;
}

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

}  // namespace pressroom
