// Keeps the newest entries, or the oldest where MOODY is set: a method whose file does not say what
// it does.
#include <ATen/ATen.h>

#include <cstdlib>

#include "pressroom/plugin.h"

namespace {

class MoodyPolicy : public pressroom::Policy {
 public:
  at::Tensor birth_scores(const pressroom::EntriesView& entries) override {
    at::Tensor scores = entries.positions().to(at::kFloat);
    if (std::getenv("MOODY") != nullptr) scores = -scores;
    return scores.expand({entries.keys().size(0), entries.size()});
  }
};

class Moody : public pressroom::Method {
 public:
  pressroom::PluginInfo describe() const override {
    return {"keeps the newest entries, or the oldest", "", {}};
  }
  void configure(const pressroom::Parameters& /*parameters*/) override {}
  pressroom::EvictionPlan plan(std::int64_t) const override {
    pressroom::EvictionPlan plan;
    plan.ranking = pressroom::Ranking::kBirthScore;
    return plan;
  }
  std::unique_ptr<pressroom::Policy> make_policy(const pressroom::PolicyContext&) const override {
    return std::make_unique<MoodyPolicy>();
  }
};

}  // namespace

PRESSROOM_METHOD(Moody, "moody", "1.0.0")
