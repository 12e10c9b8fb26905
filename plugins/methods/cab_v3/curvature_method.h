// What the two methods by curvature have in common.
#pragma once

#include <functional>
#include <map>

#include "key_graph.h"
#include "pressroom/protection.h"
#include "pressroom/share.h"

namespace pressroom {

class CurvatureMethod : public Method {
 public:
  void configure(const Parameters& parameters) override {
    protection_.configure(parameters);
    lambda_ = parameters.number("lambda_redundancy");
    keeps_low_ = parameters.string("direction") == "low";
    share_ = share_of(parameters);
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = protection_.plan(budget_tokens);
    plan.ranking = Ranking::kScore;
    plan.needs.keys_before_rope = true;
    set_share(plan, share_);
    return plan;
  }

 protected:
  static std::vector<ParameterSpec> parameters() {
    std::vector<ParameterSpec> parameters = Protection::parameters(0, 0);
    parameters.push_back(number("lambda_redundancy", 0.3)
                             .at_least(0)
                             .help("weight of an edge's detours in its curvature"));
    parameters.push_back(string("direction", "high")
                             .one_of({"high", "low"})
                             .help("curvature that stays; low for bridges"));
    parameters.push_back(share_parameter());
    return parameters;
  }

  Protection protection_;
  double lambda_ = 0;
  bool keeps_low_ = false;
  Share share_ = Share::kKvHead;
};

// Scores by curvature, higher stays.
class CurvaturePolicy : public Policy {
 public:
  CurvaturePolicy(double lambda, bool keeps_low) : lambda_(lambda), keeps_low_(keeps_low) {}

 protected:
  std::vector<float> curvature(const HeadView& head) {
    std::vector<float> scores = graphs_[head.kv_head()].curvature(head, lambda_);
    if (keeps_low_) std::transform(scores.begin(), scores.end(), scores.begin(), std::negate<>());
    return scores;
  }

 private:
  double lambda_;
  bool keeps_low_;
  std::map<std::int64_t, KeyGraph> graphs_;  // by KV head
};

}  // namespace pressroom
