#include <cmath>

#include "pressroom/plugin.h"

namespace pressroom {

// Pools the nll of all scored targets: cross entropy is their mean, all else follows from it.
class PerplexityCollector final : public MetricCollector {
 public:
  void observe(const DocumentMeasurements& document) override {
    double nats = 0;
    for (const double nll : document.nll_nats) {
      nats += nll;
      sum_nats_ += nll;
    }
    const auto targets = static_cast<double>(document.nll_nats.size());
    targets_ += targets;
    add_document(nats / targets, targets > 0);
    bytes_ += static_cast<double>(document.scored_bytes);
    words_ += static_cast<double>(document.scored_words);
    texts_known_ = texts_known_ && document.scored_bytes > 0;
  }

  std::vector<MetricValue> finish(const CellMeasurements& /*cell*/) override {
    const double mean = sum_nats_ / targets_;
    const char* pooled = "mean over all scored targets";
    std::vector<MetricValue> values = {
        {"perplexity", std::exp(mean), "1", Direction::kLowerIsBetter, pooled, perplexities_},
        {"cross_entropy", mean, "nats/token", Direction::kLowerIsBetter, pooled, means_},
        {"bits_per_token", mean / std::log(2.0), "bits/token", Direction::kLowerIsBetter, pooled}};
    if (texts_known_ && bytes_ > 0) {
      values.push_back({"bits_per_byte", sum_nats_ / std::log(2.0) / bytes_, "bits/byte",
                        Direction::kLowerIsBetter, "sum over all scored targets / their bytes"});
    }
    if (texts_known_ && words_ > 0) {
      values.push_back({"word_perplexity", std::exp(sum_nats_ / words_), "1",
                        Direction::kLowerIsBetter, "sum over all scored targets / their words"});
    }
    return values;
  }

 private:
  void add_document(double mean, bool is_scored) {
    means_.push_back(is_scored ? std::optional(mean) : std::nullopt);
    perplexities_.push_back(is_scored ? std::optional(std::exp(mean)) : std::nullopt);
  }

  std::vector<std::optional<double>> means_;  // of each document
  std::vector<std::optional<double>> perplexities_;
  double sum_nats_ = 0;
  double targets_ = 0;
  double bytes_ = 0;
  double words_ = 0;
  bool texts_known_ = true;
};

struct Perplexity final : Declared<Perplexity, Metric> {
  static Declaration<Perplexity> declare() {
    return Declaration<Perplexity>(
        "cross entropy, perplexity, bits per token and byte, word perplexity");
  }
  std::unique_ptr<MetricCollector> make_collector() const override {
    return std::make_unique<PerplexityCollector>();
  }
};

}  // namespace pressroom

PRESSROOM_METRIC(pressroom::Perplexity, "perplexity", "1.1.0")
