// Works for ten tokens, then throws: its cells fail and say where and why.
#include <ATen/ATen.h>

#include <stdexcept>

#include "pressroom/plugin.h"

namespace {

struct ThrowsLatePolicy : pressroom::Policy {
  at::Tensor birth_scores(const pressroom::EntriesView& entries) override {
    const at::Tensor positions = entries.positions();
    if (positions.max().item<std::int64_t>() >= 10) {
      throw std::runtime_error("position 10 is more than this method can bear");
    }
    return at::zeros({entries.keys().size(0), entries.size()});
  }
};

class ThrowsLate : public pressroom::Method {
 public:
  pressroom::PluginInfo describe() const override {
    return {"throws when the eleventh token enters", "", {}};
  }
  pressroom::EvictionPlan plan(std::int64_t) const override {
    pressroom::EvictionPlan plan;
    plan.ranking = pressroom::Ranking::kBirthScore;
    return plan;
  }
  std::unique_ptr<pressroom::Policy> make_policy(const pressroom::PolicyContext&) const override {
    return std::make_unique<ThrowsLatePolicy>();
  }
};

}  // namespace

PRESSROOM_METHOD(ThrowsLate, "throws_late", "1.0.0")
