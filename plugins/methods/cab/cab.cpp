#include <algorithm>
#include <cmath>

#include "pressroom/error.h"
#include "pressroom/plugin.h"
#include "pressroom/selection.h"
#include "pressroom/share.h"

namespace pressroom {

struct CabSizes {
  std::int64_t local, bridge, important;  // tokens, the budget together
};

class CabPolicy final : public Policy {
 public:
  explicit CabPolicy(const CabSizes& sizes) : sizes_(sizes) {}

  at::Tensor keep(const HeadView& head) override {
    const std::int64_t size = head.size();
    if (size <= sizes_.local + sizes_.bridge + sizes_.important) {
      return to_tensor(indices_of({0, size}));
    }
    const std::vector<float> importance = to_floats(head.signal());
    const IndexRange older{0, size - sizes_.local};
    const Indices important = highest(importance.data(), older, sizes_.important);
    const Indices rest = without(indices_of(older), important);
    const double median = lower_median(importance, rest);
    std::vector<double> nearness(importance.size());
    for (const std::int64_t j : rest) {
      nearness[static_cast<std::size_t>(j)] = -std::abs(importance[j] - median);
    }
    const Indices bridge = highest(nearness.data(), rest, sizes_.bridge);
    return to_tensor(merged(merged(important, bridge), indices_of({older.end, size})));
  }

 private:
  static double lower_median(const std::vector<float>& values, const Indices& indices) {
    std::vector<float> some;
    for (const std::int64_t j : indices) some.push_back(values[static_cast<std::size_t>(j)]);
    const auto middle = some.begin() + static_cast<std::int64_t>(some.size() - 1) / 2;
    std::nth_element(some.begin(), middle, some.end());
    return *middle;
  }

  CabSizes sizes_;
};

class Cab final : public Method {
 public:
  PluginInfo describe() const override {
    const auto share = [](const char* name, double value, const char* help) {
      return number(name, value)
          .at_least(0)
          .at_most(1)
          .alias(std::string(name) + "_ratio")
          .help(std::string(help) + ", as a fraction of the budget");
    };
    return {"keeps recent entries, important ones, and bridges of median importance",
            "",
            {share("local", 0.3, "last entries"),
             share("bridge", 0.2, "entries nearest to the median of attention"),
             share("important", 0.5, "entries with the most attention"),
             integer("eviction_interval", 1).at_least(1).help("evicts at every n-th step only"),
             share_parameter()}};
  }

  void configure(const Parameters& parameters) override {
    local_ = parameters.number("local");
    bridge_ = parameters.number("bridge");
    interval_ = parameters.integer("eviction_interval");
    share_ = share_of(parameters);
    const double sum = local_ + bridge_ + parameters.number("important");
    if (std::abs(sum - 1) <= 1e-6) return;
    throw Error({"the parts of the budget do not add up", "local, bridge, important", "a sum of 1",
                 to_string(ParameterValue(sum)), "correct one of them"});
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan;
    plan.ranking = Ranking::kKeep;
    plan.signal = Signal::kCumulativeAttention;
    plan.recents = sizes(budget_tokens).local;
    plan.interval = interval_;
    set_share(plan, share_);
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    return std::make_unique<CabPolicy>(sizes(context.budget_tokens));
  }

 private:
  CabSizes sizes(std::int64_t budget_tokens) const {
    const auto local = static_cast<std::int64_t>(local_ * static_cast<double>(budget_tokens));
    const auto bridge = static_cast<std::int64_t>(bridge_ * static_cast<double>(budget_tokens));
    return {local, bridge, budget_tokens - local - bridge};
  }

  double local_ = 0, bridge_ = 0;
  std::int64_t interval_ = 1;
  Share share_ = Share::kKvHead;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Cab, "cab", "1.0.0")
