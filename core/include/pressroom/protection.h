// The parameters most methods share: entries that never leave whatever their score.
//
//   PluginInfo describe() const override { return {"...", "...", Protection::parameters(4, 0.5)}; }
//   void configure(const Parameters& p) override { protection_.configure(p); }
//   EvictionPlan plan(std::int64_t budget_tokens) const override {
//     EvictionPlan plan = protection_.plan(budget_tokens);
//     plan.ranking = Ranking::kBirthScore;
//     return plan;
//   }
#pragma once

#include <cstdint>
#include <vector>

#include "pressroom/method.h"
#include "pressroom/parameters.h"

namespace pressroom {

class Protection {
 public:
  // `n_sink` (first tokens of the document) and `recent` (last entries: tokens, or a fraction of
  // the budget), with their defaults and the other spellings in use.
  static std::vector<ParameterSpec> parameters(std::int64_t n_sink, double recent);

  void configure(const Parameters& parameters);

  // A plan that protects these entries and says nothing else yet.
  EvictionPlan plan(std::int64_t budget_tokens) const;

 private:
  std::int64_t n_sink_ = 0;
  TokensOrFraction recent_;
};

}  // namespace pressroom
