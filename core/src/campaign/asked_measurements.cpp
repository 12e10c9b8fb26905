#include "campaign/asked_measurements.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "campaign/cell_measurements.h"
#include "engine/question_branches.h"
#include "plugin/boundary.h"
#include "pressroom/error.h"

namespace pressroom {

AskedMeasurements::AskedMeasurements(const std::vector<CampaignMetric>& metrics,
                                     const std::vector<Window>& windows, const Protocol& protocol,
                                     const Tokenizer* tokenizer)
    : metrics_(metrics),
      windows_(windows),
      protocol_(protocol),
      tokenizer_(tokenizer),
      needs_(needs_of(metrics)) {
  PRESSROOM_ASSERT(!needs_.tokens || tokenizer != nullptr);
  // Whatever metrics look at: a cell's answers are stored with it, and what became of their
  // evidence.
  for (const Window& window : windows) {
    needs_.answer_texts = needs_.answer_texts || !window.asked.empty();
    needs_.lifetimes = needs_.lifetimes || !window.tokens.spans.empty();
  }
  if (!needs_.logits) return;
  wanted_.assign(metrics.size(), std::vector<Indices>(windows.size()));
  for (std::size_t window = 0; window < windows.size(); ++window) {
    const DocumentTokens all = tokens_of(windows[window]);
    for (std::size_t metric = 0; metric < metrics.size(); ++metric) {
      if (!metrics[metric].needs.logits) continue;
      DocumentTokens document = all;
      if (!metrics[metric].needs.tokens) document.token_texts.clear();
      wanted_[metric][window] = wanted_of(metrics[metric], document);
    }
  }
}

DocumentTokens AskedMeasurements::tokens_of(const Window& window) const {
  DocumentTokens document;
  document.document_id = window.tokens.id;
  document.targets = targets_of(protocol_, window.tokens);
  document.answers = answer_targets(window, document.targets);
  document.token_ids = window.tokens.ids;
  if (needs_.tokens) add_texts(window, document.token_texts);
  return document;
}

void AskedMeasurements::add_texts(const Window& window, std::vector<std::string>& texts) const {
  texts.reserve(window.tokens.ids.size());
  for (const std::int64_t id : window.tokens.ids) texts.push_back(tokenizer_->token_bytes(id));
}

AskedMeasurements::Indices AskedMeasurements::wanted_of(const CampaignMetric& metric,
                                                        const DocumentTokens& document) const {
  const Indices wanted = at_plugin_boundary(metric.label, "choosing targets", metric.file,
                                            [&] { return metric.metric->wanted_logits(document); });
  const auto targets = static_cast<std::int64_t>(document.targets.size());
  for (const std::int64_t index : wanted) {
    if (index >= 0 && index < targets) continue;
    throw Error({metric.label + " wants the logits of what is no target", document.document_id,
                 "indices from 0 to " + std::to_string(targets - 1), std::to_string(index),
                 "have wanted_logits() name them by their index in `targets`"});
  }
  const std::set<std::int64_t> ascending(wanted.begin(), wanted.end());
  return {ascending.begin(), ascending.end()};
}

std::vector<TokenDocument> AskedMeasurements::documents() const {
  std::vector<TokenDocument> documents;
  documents.reserve(windows_.size());
  for (const Window& window : windows_) documents.push_back(window.tokens);
  if (!needs_.logits) return documents;
  for (std::size_t window = 0; window < windows_.size(); ++window) {
    TokenDocument& document = documents[window];
    const Indices targets = targets_of(protocol_, document);
    std::set<std::int64_t> tokens;
    for (const std::vector<Indices>& of_metric : wanted_) {
      for (const std::int64_t index : of_metric[window]) tokens.insert(targets[index]);
    }
    document.wanted_logits.assign(tokens.begin(), tokens.end());
  }
  return documents;
}

DocumentMeasurements AskedMeasurements::measured(std::size_t window, DocumentRun& run,
                                                 const ModelFacts& model) const {
  const Window& of = windows_[window];
  DocumentMeasurements measured = measurements_of(of, run, model);
  if (needs_.tokens) {
    measured.token_ids = of.tokens.ids;
    add_texts(of, measured.token_texts);
  }
  if (needs_.answer_texts) measured.answer_texts = answer_texts(of, measured);
  if (needs_.lifetimes) measured.lifetimes = lifetimes_of(of, run);
  if (!needs_.logits) return measured;
  std::set<std::int64_t> indices;
  for (const std::vector<Indices>& of_metric : wanted_) {
    indices.insert(of_metric[window].begin(), of_metric[window].end());
  }
  // The engine keeps one row for each target that was asked for, in this order.
  PRESSROOM_ASSERT(run.wanted_logits.size() == indices.size());
  std::size_t next = 0;
  for (const std::int64_t index : indices) {
    measured.logits.push_back({index, std::move(run.wanted_logits[next++])});
  }
  run.wanted_logits.clear();
  return measured;
}

bool AskedMeasurements::asks_for_all(std::size_t metric) const {
  const MeasurementNeeds& asked = metrics_[metric].needs;
  return asked.dense == needs_.dense && asked.distribution == needs_.distribution &&
         asked.tokens == needs_.tokens && asked.answer_texts == needs_.answer_texts &&
         asked.lifetimes == needs_.lifetimes && (!needs_.logits || metrics_.size() == 1);
}

DocumentMeasurements AskedMeasurements::shown(std::size_t metric, std::size_t window,
                                              const DocumentMeasurements& measured) const {
  const MeasurementNeeds& asked = metrics_[metric].needs;
  DocumentMeasurements shown = measured;
  if (!asked.dense) {
    shown.kl_nats.clear();
    shown.is_dense_top1.clear();
  }
  if (!asked.distribution) shown.distributions.clear();
  if (!asked.tokens) {
    shown.token_ids.clear();
    shown.token_texts.clear();
  }
  if (!asked.answer_texts) shown.answer_texts.clear();
  if (!asked.lifetimes) shown.lifetimes = {};
  if (!needs_.logits) return shown;
  const Indices& wanted = wanted_[metric][window];
  const auto is_foreign = [&](const TargetLogits& row) {
    return !std::binary_search(wanted.begin(), wanted.end(), row.target);
  };
  shown.logits.erase(std::remove_if(shown.logits.begin(), shown.logits.end(), is_foreign),
                     shown.logits.end());
  return shown;
}

}  // namespace pressroom
