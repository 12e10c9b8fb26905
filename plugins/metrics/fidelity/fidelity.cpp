#include <algorithm>
#include <array>

#include "pressroom/error.h"
#include "pressroom/plugin.h"

namespace pressroom {
namespace {

struct Percentile {
  const char* name;
  std::size_t permille;  // whole, so that a rank is exact
};

constexpr std::array<Percentile, 4> kPercentiles = {
    {{"kl_p50", 500}, {"kl_p90", 900}, {"kl_p99", 990}, {"kl_p99.9", 999}}};

// Nearest rank: the smallest of `ascending` that so many per mille of them do not exceed.
double nearest_rank(const std::vector<double>& ascending, std::size_t permille) {
  return ascending[(permille * ascending.size() + 999) / 1000 - 1];
}

double sum_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum;
}

}  // namespace

// Pools the divergences of all scored targets: the mean hides what the tails show.
class FidelityCollector final : public MetricCollector {
 public:
  void observe(const DocumentMeasurements& document) override {
    const std::size_t targets = document.targets.size();
    if (document.kl_nats.size() != targets || document.is_dense_top1.size() != targets) {
      throw Error({"the comparison with the dense run is missing", document.document_id,
                   std::to_string(targets) + " targets compared",
                   std::to_string(document.kl_nats.size()), ""});
    }
    kl_nats_.insert(kl_nats_.end(), document.kl_nats.begin(), document.kl_nats.end());
    const auto same =
        std::count(document.is_dense_top1.begin(), document.is_dense_top1.end(), true);
    same_ += same;
    const bool is_scored = targets > 0;
    const auto count = static_cast<double>(targets);
    means_.push_back(is_scored ? std::optional(sum_of(document.kl_nats) / count) : std::nullopt);
    agreements_.push_back(is_scored ? std::optional(static_cast<double>(same) / count)
                                    : std::nullopt);
  }

  std::vector<MetricValue> finish(const CellMeasurements& /*cell*/) override {
    const auto targets = static_cast<double>(kl_nats_.size());
    std::vector<MetricValue> values = {{"kl_mean", sum_of(kl_nats_) / targets, "nats/token",
                                        Direction::kLowerIsBetter, "mean over all scored targets",
                                        means_}};
    std::sort(kl_nats_.begin(), kl_nats_.end());
    for (const Percentile& percentile : kPercentiles) {
      values.push_back({percentile.name, nearest_rank(kl_nats_, percentile.permille), "nats/token",
                        Direction::kLowerIsBetter, "nearest rank over all scored targets"});
    }
    values.push_back({"top1_agreement", static_cast<double>(same_) / targets, "1",
                      Direction::kHigherIsBetter, "mean over all scored targets", agreements_});
    return values;
  }

 private:
  std::vector<double> kl_nats_;
  std::vector<std::optional<double>> means_;  // of each document
  std::vector<std::optional<double>> agreements_;
  std::ptrdiff_t same_ = 0;
};

struct DenseFidelity final : Declared<DenseFidelity, Metric> {
  static Declaration<DenseFidelity> declare() {
    return Declaration<DenseFidelity>(
        "KL divergence from the dense run, with tails, and top-1 agreement");
  }
  std::unique_ptr<MetricCollector> make_collector() const override {
    return std::make_unique<FidelityCollector>();
  }
  MeasurementNeeds needs() const override {
    MeasurementNeeds needs;
    needs.dense = true;
    return needs;
  }
};

}  // namespace pressroom

PRESSROOM_METRIC(pressroom::DenseFidelity, "fidelity", "1.1.0")
