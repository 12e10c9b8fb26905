#include "pressroom/protection.h"

namespace pressroom {

std::vector<ParameterSpec> Protection::parameters(std::int64_t n_sink, double recent) {
  return {integer("n_sink", n_sink)
              .at_least(0)
              .alias("sinks")
              .alias("start_size")
              .help("first tokens of the document, never evicted"),
          tokens_or_fraction("recent", recent)
              .alias("recent_size")
              .help("last entries, never evicted: tokens, or a fraction of the budget")};
}

void Protection::configure(const Parameters& parameters) {
  n_sink_ = parameters.integer("n_sink");
  recent_ = parameters.tokens_or_fraction("recent");
}

EvictionPlan Protection::plan(std::int64_t budget_tokens) const {
  EvictionPlan plan;
  plan.sinks = n_sink_;
  plan.recents = recent_.tokens(budget_tokens);
  plan.sized_by_budget = recent_.is_fraction();
  return plan;
}

}  // namespace pressroom
