#include "golden/metric_answers.h"

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "admission/admitted_run.h"
#include "admission/bind_method.h"
#include "base/number_text.h"
#include "base/utf8.h"
#include "campaign/asked_measurements.h"
#include "campaign/collect_metrics.h"
#include "campaign/sampling.h"
#include "config/plugin_use.h"
#include "engine/fidelity/fidelity.h"
#include "golden/made_tasks.h"
#include "parallel/parallel_for.h"
#include "pressroom/error.h"
#include "tokenizer/tokenizer.h"

namespace pressroom {
namespace {

// A method that evicts, for what a metric says of that. Any of those that every installation has
// would do: the answers are a metric's.
constexpr const char* kEvictingMethod = "h2o";
constexpr std::int64_t kMetricBudget = 64;
constexpr double kSecondsPerToken = 1e-3;
constexpr std::int64_t kProcessBytes = std::int64_t{1} << 30;

std::int64_t budget_of(const std::string& method) {
  return method == kDenseMethod ? kGoldenDocumentTokens : kMetricBudget;
}

class MetricAnswers {
 public:
  MetricAnswers(const PluginUse& use, const StarterModel& starter, PluginHost& host,
                const RunControl& control)
      : label_(quoted_label(PluginKind::kMetric, use.name)),
        file_(host.find(PluginKind::kMetric, use.name).file),
        starter_(starter),
        host_(host),
        control_(control),
        model_(load_starter_model(starter)),
        tokenizer_(Tokenizer::load(starter.files.tokenizer)) {
    metrics_.push_back(asked_metric(make_configured_metric(use, host), label_, file_));
    MadeTasks tasks;
    windows_ = sample_windows(tasks, *tokenizer_, kGoldenDocumentTokens, MadeTasks::kDocuments, 0);
    protocol_.kind = ProtocolKind::kChunked;
    protocol_.chunk_size = kGoldenDocumentTokens / 4;
    asked_.emplace(metrics_, windows_, protocol_, tokenizer_.get());
  }

  nlohmann::ordered_json all() {
    const bool needs_dense = asked_->needs().dense;
    std::vector<DocumentRun> dense;
    for (const char* method : {kDenseMethod, kEvictingMethod}) {
      std::vector<DocumentRun> runs = runs_of(method);
      if (dense.empty()) dense = runs;
      std::vector<DocumentMeasurements> measured = measured_of(runs);
      for (std::size_t i = 0; needs_dense && i < runs.size(); ++i) {
        Fidelity fidelity = fidelity_of(*model_, dense[i].hidden, runs[i].hidden, runs[i].targets,
                                        available_cores());
        measured[i].kl_nats = std::move(fidelity.kl_nats);
        measured[i].is_dense_top1 = std::move(fidelity.is_same_top1);
      }
      record(method, collected(measured, runs, budget_of(method)));
    }
    return std::move(answers_);
  }

 private:
  std::vector<DocumentRun> runs_of(const char* name) {
    const PluginUse use =
        parse_plugin_use(name, PluginKind::kMethod, "what golden answers are about", host_);
    const std::unique_ptr<Method> method = make_configured_method(use, host_);
    const ModelFacts& facts = starter_.description.facts;
    bind_method(*method, name, starter_.files, facts);
    RunTerms terms;
    terms.name = terms.where = name;
    terms.context_tokens = kGoldenDocumentTokens;
    terms.engine = Engine::kDecode;
    terms.settings.protocol = protocol_;
    terms.settings.budget_tokens = budget_of(name);
    terms.settings.threads = available_cores();
    terms.settings.method = quoted_label(PluginKind::kMethod, name);
    terms.settings.keep_hidden = true;
    terms.settings.keep_distributions = asked_->needs().distribution;
    plan_run(*method, {}, terms);
    return AdmittedRun(*method, terms, {facts, false, ""})
        .run(*model_, asked_->documents(), control_)
        .documents;
  }

  std::vector<DocumentMeasurements> measured_of(std::vector<DocumentRun>& runs) const {
    constexpr int kOtherSteps = 7;
    std::vector<DocumentMeasurements> measured;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      measured.push_back(asked_->measured(i, runs[i], model_->facts()));
      std::vector<double>& seconds = measured.back().step_seconds;
      seconds.resize(runs[i].tokens_per_step.size());
      for (std::size_t step = 0; step < seconds.size(); ++step) {
        seconds[step] = kSecondsPerToken * static_cast<double>(1 + step % kOtherSteps);
      }
    }
    return measured;
  }

  std::vector<MetricValue> collected(const std::vector<DocumentMeasurements>& measured,
                                     const std::vector<DocumentRun>& runs,
                                     std::int64_t budget_tokens) {
    CellMeasurements cell;
    cell.model = model_->facts();
    cell.budget_tokens = budget_tokens;
    cell.context_tokens = kGoldenDocumentTokens;
    for (const DocumentRun& run : runs) {
      cell.tokens +=
          std::accumulate(run.tokens_per_step.begin(), run.tokens_per_step.end(), std::int64_t{0});
    }
    cell.seconds = kSecondsPerToken * static_cast<double>(cell.tokens);
    cell.weight_bytes = model_->weight_bytes();
    cell.process_peak_bytes = kProcessBytes;
    return collect_metrics(*asked_, measured, cell);
  }

  void record(const char* method, const std::vector<MetricValue>& values) {
    for (const MetricValue& value : values) {
      nlohmann::ordered_json answer = {
          {"method", method}, {"name", escaped(value.name)}, {"unit", escaped(value.unit)}};
      // JSON has no NaN: there it stays a text.
      answer["value"] = exact(value.value);
      if (std::isfinite(value.value)) answer["value"] = value.value;
      answers_.push_back(std::move(answer));
    }
    if (!values.empty()) return;
    throw Error({label_ + " gives no values that can be recorded", file_.string(),
                 "one value at least", "none", "have its collector's finish() return them"});
  }

  std::string label_;
  std::filesystem::path file_;
  const StarterModel& starter_;
  PluginHost& host_;
  const RunControl& control_;
  std::vector<CampaignMetric> metrics_;  // the one
  std::unique_ptr<Model> model_;
  std::unique_ptr<Tokenizer> tokenizer_;
  Protocol protocol_;
  std::vector<Window> windows_;
  std::optional<AskedMeasurements> asked_;
  nlohmann::ordered_json answers_ = nlohmann::ordered_json::array();
};

}  // namespace

nlohmann::ordered_json metric_answers(const PluginUse& use, const StarterModel& starter,
                                      PluginHost& host, const RunControl& control) {
  return MetricAnswers(use, starter, host, control).all();
}

}  // namespace pressroom
