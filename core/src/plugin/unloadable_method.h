// Stands for a method that cannot be loaded, in a campaign that has others: it is configured and
// planned by what the plugin's file says, and each run of it is the Error that says why.
//
//   UnloadableMethod method(info, plan_from(record.description), problem);
//   method.make_policy(context);   // throws Error(problem)
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "pressroom/error.h"
#include "pressroom/method.h"

namespace pressroom {

// What has to be known of the plan of a method that is not run: the positions it asks for, and
// whether it has a budget - what its cells are called by, and made from. Both as the method planned
// with the defaults of its parameters when it was built; what a plugin's file does not say is as
// with most methods.
inline EvictionPlan plan_from(const std::map<std::string, std::string>& description) {
  const auto says = [&](const char* key, const std::string& value) {
    const auto found = description.find(key);
    return found != description.end() && found->second == value;
  };
  EvictionPlan plan;
  plan.ranking = Ranking::kBirthScore;  // what every protocol and engine can run
  if (says("takes_budget", "no")) {
    plan.ranking = Ranking::kKeep;
    plan.scope = BudgetScope::kNone;
  }
  for (const Positions positions : {Positions::kOriginal, Positions::kCacheIndex}) {
    if (says("positions", to_string(positions))) plan.positions = positions;
  }
  return plan;
}

class UnloadableMethod final : public Method {
 public:
  UnloadableMethod(PluginInfo info, EvictionPlan plan, Problem why)
      : info_(std::move(info)), plan_(std::move(plan)), why_(std::move(why)) {}

  PluginInfo describe() const override { return info_; }
  void configure(const Parameters& /*parameters*/) override {}
  EvictionPlan plan(std::int64_t /*budget_tokens*/) const override { return plan_; }
  std::unique_ptr<Policy> make_policy(const PolicyContext& /*context*/) const override {
    throw Error(why_);
  }

 private:
  PluginInfo info_;
  EvictionPlan plan_;
  Problem why_;
};

}  // namespace pressroom
