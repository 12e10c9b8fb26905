// Stands for a method that cannot be loaded, in a campaign that has others: it is configured and
// planned by what the plugin's file says, and each run of it is the Error that says why.
//
//   StandIn method(info, problem);
//   method.plan(512);              // evicts something: what, nobody finds out
//   method.make_policy(context);   // throws Error(problem)
#pragma once

#include <memory>
#include <utility>

#include "pressroom/error.h"
#include "pressroom/method.h"

namespace pressroom {

class StandIn final : public Method {
 public:
  StandIn(PluginInfo info, Problem why) : info_(std::move(info)), why_(std::move(why)) {}

  PluginInfo describe() const override { return info_; }
  void configure(const Parameters& /*parameters*/) override {}
  EvictionPlan plan(std::int64_t /*budget_tokens*/) const override {
    EvictionPlan plan;
    plan.ranking = Ranking::kBirthScore;  // what every protocol and engine can run
    return plan;
  }
  std::unique_ptr<Policy> make_policy(const PolicyContext& /*context*/) const override {
    throw Error(why_);
  }

 private:
  PluginInfo info_;
  Problem why_;
};

}  // namespace pressroom
