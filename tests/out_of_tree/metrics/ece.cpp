// Expected calibration error (Guo et al. 2017, arXiv:1706.04599): how far the probability of the
// likeliest token is from how often it is right. Bin k of 15 is [k/15, (k+1)/15); with h = 1 for a
// hit, else 0: ECE = sum over bins of |sum of (h - probability)| / targets.
#include <pressroom/plugin.h>

#include <algorithm>
#include <cmath>

using namespace pressroom;
using Bins = std::vector<double>;  // sum of h - probability in each

double error_of(const Bins& bins, double targets) {
  double sum = 0;
  for (const double bin : bins) sum += std::abs(bin);
  return sum / targets;
}

struct Ece final : Declared<Ece, Metric> {
  struct Collector final : MetricCollector {
    Bins all = Bins(15);
    double targets = 0;
    std::vector<std::optional<double>> documents;
    void observe(const DocumentMeasurements& document) override {
      Bins own(15);
      for (std::size_t i = 0; i < document.targets.size(); ++i) {
        const double probability = document.distributions[i].top_probability;
        own[std::min<std::size_t>(probability * 15, 14)] += document.is_top1[i] - probability;
      }
      for (std::size_t bin = 0; bin < 15; ++bin) all[bin] += own[bin];
      targets += document.targets.size();
      documents.emplace_back(error_of(own, document.targets.size()));
    }
    std::vector<MetricValue> finish(const CellMeasurements&) override {
      return {{"ece", error_of(all, targets), "1", Direction::kLowerIsBetter, "over all targets",
               documents}};
    }
  };
  static Declaration<Ece> declare() { return Declaration<Ece>("expected calibration error"); }
  MeasurementNeeds needs() const override {
    MeasurementNeeds needs;
    needs.distribution = true;
    return needs;
  }
  std::unique_ptr<MetricCollector> make_collector() const override {
    return std::make_unique<Collector>();
  }
};

PRESSROOM_METRIC(Ece, "ece", "1.0.0")
