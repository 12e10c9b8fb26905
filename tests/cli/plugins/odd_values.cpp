// Breaks what a metric promises of its values, in the way that a parameter names.
#include <cmath>
#include <optional>

#include "pressroom/plugin.h"

namespace {

using namespace pressroom;

struct OddValues final : Declared<OddValues, Metric> {
  std::string how;

  struct Collector final : MetricCollector {
    std::string how;
    std::vector<std::optional<double>> documents;
    std::vector<std::vector<double>> answers;

    explicit Collector(std::string way) : how(std::move(way)) {}

    void observe(const DocumentMeasurements& document) override {
      documents.emplace_back(1.0);
      answers.emplace_back(document.answers.size() + (how == "answers" ? 1 : 0), 1.0);
    }

    std::vector<MetricValue> finish(const CellMeasurements&) override {
      if (how == "fewer") documents.pop_back();
      if (how == "more") documents.emplace_back(1.0);
      if (how == "nan_document") documents.back() = std::nan("");
      MetricValue value = {how == "name" ? "odd value" : "odd_value",
                           how == "nan" ? std::nan("") : 1,
                           "1",
                           Direction::kNeither,
                           "made",
                           documents,
                           answers};
      if (how == "perplexity") value.name = "perplexity";
      if (how == "twice") return {value, value};
      return {value};
    }
  };

  static Declaration<OddValues> declare() {
    return Declaration<OddValues>("values that break the contract")
        .parameter(&OddValues::how, string("how", "", "what is wrong with them"));
  }
  MeasurementNeeds needs() const override {
    MeasurementNeeds needs;
    needs.logits = how == "logits";
    return needs;
  }
  std::vector<std::int64_t> wanted_logits(const DocumentTokens& document) const override {
    return {static_cast<std::int64_t>(document.targets.size())};
  }
  std::unique_ptr<MetricCollector> make_collector() const override {
    return std::make_unique<Collector>(how);
  }
};

}  // namespace

PRESSROOM_METRIC(OddValues, "odd_values", "1.0.0")
