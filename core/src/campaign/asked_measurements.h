// What a cell's metrics ask to be measured beyond what always is: which targets' logits the engine
// keeps, and what of it all each metric is shown.
//
//   const AskedMeasurements asked(metrics, windows, protocol, tokenizer);
//   settings.keep_distributions = asked.needs().distribution;
//   runs = run(asked.documents());                    // keep what is asked for
//   measured.push_back(asked.measured(i, runs[i], model.facts()));
//   collector->observe(asked.shown(metric, i, measured[i]));
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "campaign/campaign_metric.h"
#include "campaign/sampling.h"
#include "engine/run.h"
#include "protocol/protocol.h"
#include "tokenizer/tokenizer.h"

namespace pressroom {

class AskedMeasurements {
 public:
  // Asks metrics that need logits which targets of `windows` they want. Everything is borrowed;
  // `tokenizer` may be null where no metric needs tokens. Throws Error, naming the metric, where
  // one throws or wants what is no target.
  AskedMeasurements(const std::vector<CampaignMetric>& metrics, const std::vector<Window>& windows,
                    const Protocol& protocol, const Tokenizer* tokenizer);

  const std::vector<CampaignMetric>& metrics() const { return metrics_; }
  const MeasurementNeeds& needs() const { return needs_; }

  // The windows' tokens, each with the targets whose logits some metric wants.
  std::vector<TokenDocument> documents() const;

  // Of window `window`, run on a model: all that some metric asks for, but for the comparison with
  // dense. Logits move out of `run`.
  DocumentMeasurements measured(std::size_t window, DocumentRun& run,
                                const ModelFacts& model) const;

  // Whether metric `metric` asks for all that is asked for: `shown` is then what it is given.
  bool asks_for_all(std::size_t metric) const;

  // `measured` of window `window` without what metric `metric` has not asked for: no result of it
  // depends on which other metrics there are.
  DocumentMeasurements shown(std::size_t metric, std::size_t window,
                             const DocumentMeasurements& measured) const;

 private:
  using Indices = std::vector<std::int64_t>;

  DocumentTokens tokens_of(const Window& window) const;
  Indices wanted_of(const CampaignMetric& metric, const DocumentTokens& document) const;
  void add_texts(const Window& window, std::vector<std::string>& texts) const;

  const std::vector<CampaignMetric>& metrics_;
  const std::vector<Window>& windows_;
  const Protocol& protocol_;
  const Tokenizer* tokenizer_;
  MeasurementNeeds needs_;
  // [metric][window], where logits are needed: indices into the targets, ascending, each once.
  std::vector<std::vector<Indices>> wanted_;
};

}  // namespace pressroom
