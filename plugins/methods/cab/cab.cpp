#include <algorithm>
#include <cmath>

#include "pressroom/error.h"
#include "pressroom/plugin.h"

namespace pressroom {

struct Cab final : Keeper<Cab> {
  double local = 0, bridge = 0, important = 0;  // parts of the budget, together 1
  std::int64_t eviction_interval = 1;
  Share share = Share::kKvHead;

  static Declaration<Cab> declare() {
    const auto part = [](const char* name, double value, const char* help) {
      return number(name, value, std::string(help) + ", as a fraction of the budget")
          .at_least(0)
          .at_most(1)
          .alias(std::string(name) + "_ratio");
    };
    return Declaration<Cab>(
               "keeps recent entries, important ones, and bridges of median importance")
        .parameter(&Cab::local, part("local", 0.3, "last entries"))
        .parameter(&Cab::bridge, part("bridge", 0.2, "entries nearest to the median of attention"))
        .parameter(&Cab::important, part("important", 0.5, "entries with the most attention"))
        .parameter(&Cab::eviction_interval,
                   integer("eviction_interval", 1, "evicts at every n-th step only").at_least(1))
        .interval(&Cab::eviction_interval)
        .share(&Cab::share)
        .signal(Signal::kCumulativeAttention)
        .planned([](const Cab& self, std::int64_t budget_tokens, EvictionPlan& plan) {
          plan.recents = fraction_of(budget_tokens, self.local);
        });
  }

  void configure(const Parameters& parameters) override {
    Keeper::configure(parameters);
    const double sum = local + bridge + important;
    if (std::abs(sum - 1) <= 1e-6) return;
    throw Error({"the parts of the budget do not add up", "local, bridge, important", "a sum of 1",
                 to_string(ParameterValue(sum)), "correct one of them"});
  }

  // `important` is what the other two parts leave of the budget.
  Indices keep(const HeadView& head, const PolicyContext& context) const {
    const std::int64_t size = head.size(), budget = context.budget_tokens;
    if (size <= budget) return all_of(head);
    const std::int64_t recents = fraction_of(budget, local), bridges = fraction_of(budget, bridge);
    const std::vector<float> importance = to_floats(head.signal());
    const IndexRange older{0, size - recents};
    const Indices most = highest(importance.data(), older, budget - recents - bridges);
    const Indices rest = without(indices_of(older), most);
    const double median = lower_median(importance, rest);
    std::vector<double> nearness(importance.size());
    for (const std::int64_t j : rest) {
      nearness[static_cast<std::size_t>(j)] = -std::abs(importance[j] - median);
    }
    const Indices nearest = highest(nearness.data(), rest, bridges);
    return merged(merged(most, nearest), indices_of({older.end, size}));
  }

 private:
  static double lower_median(const std::vector<float>& values, const Indices& indices) {
    std::vector<float> some;
    for (const std::int64_t j : indices) some.push_back(values[static_cast<std::size_t>(j)]);
    const auto middle = some.begin() + static_cast<std::int64_t>(some.size() - 1) / 2;
    std::nth_element(some.begin(), middle, some.end());
    return *middle;
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Cab, "cab", "1.0.0")
