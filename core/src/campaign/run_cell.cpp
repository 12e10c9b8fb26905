#include "campaign/run_cell.h"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <new>
#include <numeric>

#include "base/sha256.h"
#include "base/terminal_text.h"
#include "campaign/answer_targets.h"
#include "campaign/cache_size_curve.h"
#include "campaign/campaign_model.h"
#include "campaign/repeat_window.h"
#include "engine/fidelity/fidelity.h"
#include "plugin/boundary.h"
#include "pressroom/error.h"
#include "trace/trace_file.h"

namespace pressroom {
namespace {

DocumentResult document_result(const Window& window, const DocumentRun& run) {
  DocumentResult result;
  result.id = window.tokens.id;
  result.ids_sha256 = window.ids_sha256;
  result.provenance = window.provenance;
  result.targets = run.targets;
  result.sum_nll_nats = std::accumulate(run.nll_nats.begin(), run.nll_nats.end(), 0.0);
  result.kept_sha256 = kept_sha256(run.kept);
  count_answers(window, run, result);
  return result;
}

DocumentMeasurements measurements(const Window& window, const DocumentRun& run,
                                  const ModelFacts& model) {
  DocumentMeasurements measured;
  measured.document_id = window.tokens.id;
  measured.targets = run.targets;
  measured.nll_nats = run.nll_nats;
  measured.is_top1 = run.is_top1;
  measured.answers = answer_targets(window, run.targets);
  // Known of all tokens but the first, and of nothing less.
  const bool all_scored = run.targets.size() + 1 == window.tokens.ids.size();
  measured.scored_bytes = all_scored ? window.scored_bytes : 0;
  measured.scored_words = all_scored ? window.scored_words : 0;
  measured.entries_per_step = run.entries_per_step;
  measured.entries_seen =
      static_cast<std::int64_t>(window.tokens.ids.size()) * model.layers * model.kv_heads;
  if (run.evictions.empty()) {  // windows: the last one is what is held, and nothing left it
    measured.entries_seen = run.entries_per_step.back();
  }
  measured.peak_entries_per_head = run.peak_entries_per_head;
  for (const auto& layer : run.kept) {
    auto& heads = measured.kept_per_head.emplace_back();
    for (const auto& head : layer) heads.push_back(static_cast<std::int64_t>(head.size()));
  }
  measured.bytes_per_entry = run.bytes_per_entry;
  measured.peak_kv_bytes = run.bytes_per_entry * *std::max_element(run.entries_per_step.begin(),
                                                                   run.entries_per_step.end());
  measured.step_seconds = run.step_seconds;
  return measured;
}

std::int64_t process_peak_bytes() {
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
}

std::vector<MetricValue> collect(const Metric& metric,
                                 const std::vector<DocumentMeasurements>& documents,
                                 const CellMeasurements& cell) {
  const std::unique_ptr<MetricCollector> collector = metric.make_collector();
  if (collector == nullptr) {
    throw Error(
        {"the metric makes no collector", "", "a collector", "null", "fix its make_collector()"});
  }
  for (const DocumentMeasurements& document : documents) collector->observe(document);
  return collector->finish(cell);
}

// One for each document. Hidden states of `runs` are gone afterwards.
std::vector<Fidelity> compare_with_dense(const PlannedCell& planned, const CellParts& parts,
                                         const std::vector<TokenDocument>& documents,
                                         std::vector<DocumentRun>& runs) {
  if (parts.dense->serves(planned) && !parts.dense->is_held()) parts.dense->take(runs);
  const std::vector<at::Tensor>& dense = parts.dense->hidden(parts.model, documents, parts.control);
  std::vector<Fidelity> all;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (parts.control.stop_requested()) throw Interrupted();
    all.push_back(
        fidelity_of(parts.model, dense[i], runs[i].hidden, runs[i].targets, parts.threads));
    runs[i].hidden = at::Tensor();
  }
  return all;
}

void write_traces(const CellParts& parts, const std::vector<Window>& windows,
                  const std::vector<DocumentRun>& runs) {
  if (parts.trace_stem.empty()) return;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    TraceHeader header = parts.trace_header;
    header.document = windows[i].tokens.id;
    header.ids_sha256 = windows[i].ids_sha256;
    write_trace(parts.trace_stem + "." + std::to_string(i) + ".trace",
                trace_of(runs[i], std::move(header)));
  }
}

void run_into(CellResult& result, const PlannedCell& planned, const Method& method,
              const std::vector<Window>& windows, const CellParts& parts) {
  const Model& model = parts.model;
  std::vector<TokenDocument> documents;
  documents.reserve(windows.size());
  for (const Window& window : windows) documents.push_back(window.tokens);
  RunTerms terms = terms_of(planned, parts.config);
  RunSettings& settings = terms.settings;
  settings.reading = parts.reading;
  settings.threads = parts.threads;
  settings.keep_hidden = parts.dense != nullptr;
  settings.check_views = parts.check_views;
  const AdmittedRun run(method, terms, limits_of(parts.config, model.facts()));
  CheckedRuns checked = run.run(model, documents, parts.control);
  std::vector<DocumentRun>& runs = checked.documents;
  result.seconds = checked.seconds;

  CellMeasurements cell;
  cell.model = model.facts();
  cell.budget_tokens = planned.cell.budget_tokens;
  cell.context_tokens = planned.cell.context_tokens;
  cell.seconds = result.seconds;
  cell.weight_bytes = model.weight_bytes();
  cell.process_peak_bytes = process_peak_bytes();
  if (const auto problem = repeats_dense_in_fact(terms, checked)) throw Error(*problem);
  if (parts.repeats) {
    check_repeats({planned.engine, model, method, parts.control}, settings, documents.front(),
                  runs.front());
  }
  write_traces(parts, windows, runs);
  result.size_curve = size_curve_of(runs);
  std::vector<Fidelity> fidelity(runs.size());
  if (parts.dense != nullptr) fidelity = compare_with_dense(planned, parts, documents, runs);
  std::vector<DocumentMeasurements> measured;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    result.documents.push_back(document_result(windows[i], runs[i]));
    measured.push_back(measurements(windows[i], runs[i], model.facts()));
    measured.back().kl_nats = std::move(fidelity[i].kl_nats);
    measured.back().is_dense_top1 = std::move(fidelity[i].is_same_top1);
    const std::vector<std::int64_t>& fed = runs[i].tokens_per_step;
    cell.tokens += std::accumulate(fed.begin(), fed.end(), std::int64_t{0});
  }
  for (std::size_t i = 0; i < parts.metrics.size(); ++i) {
    std::vector<MetricValue> values =
        at_plugin_boundary("metric " + std::to_string(i + 1) + " of the config", "collecting", "",
                           [&] { return collect(*parts.metrics[i], measured, cell); });
    for (MetricValue& value : values) {
      if (value.name.empty() || result.metric(value.name) != nullptr) {
        throw Error({"two metrics give a value of one name, or a metric gives one without",
                     "metric " + std::to_string(i + 1) + " of the config", "names used once",
                     '"' + value.name + '"', "leave one of the metrics out, or rename its value"});
      }
      result.metrics.push_back(std::move(value));
    }
  }
}

}  // namespace

std::string kept_sha256(const std::vector<std::vector<std::vector<std::int64_t>>>& kept) {
  std::string text;
  for (const auto& layer : kept) {
    for (const auto& head : layer) {
      for (const std::int64_t position : head) text += std::to_string(position) + ",";
      text += ";";
    }
    text += "\n";
  }
  return sha256_hex(text);
}

CellResult run_cell(const PlannedCell& planned, const Method& method,
                    const std::vector<Window>& windows, const CellParts& parts) {
  CellResult result;
  result.cell = planned.cell;
  try {
    run_into(result, planned, method, windows, parts);
  } catch (const Interrupted&) {
    throw;
  } catch (const std::bad_alloc&) {
    result.error =
        "out of memory\n  do:       run fewer threads or shorter contexts, or hold weights in 16 "
        "bits";
  } catch (const std::exception& error) {
    const std::string message = error.what();
    // Without libtorch's trace.
    result.error = escaped(message.substr(0, message.find("\nException raised from ")));
  } catch (...) {
    result.error = "the method threw something that is no std::exception";
  }
  if (result.error.empty() && result.documents.size() != windows.size()) {
    result.error = "the run ended with an exception without a message";
  }
  if (!result.error.empty()) {
    result.documents.clear();
    result.metrics.clear();
    result.size_curve = {};
  }
  return result;
}

}  // namespace pressroom
