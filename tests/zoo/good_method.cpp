// Nothing wrong with it: keeps the newest entries.
#include "pressroom/error.h"
#include "pressroom/plugin.h"

namespace zoo {

struct GoodPolicy : pressroom::Policy {
  at::Tensor score(const pressroom::HeadView& head) override { return head.positions(); }
};

class Good : public pressroom::Method {
 public:
  pressroom::PluginInfo describe() const override {
    return {"a method without flaw",
            "nobody, 2026",
            {pressroom::integer("recents", 3, "").at_least(0)}};
  }
  void configure(const pressroom::Parameters& parameters) override {
    recents_ = parameters.integer("recents");
  }
  pressroom::EvictionPlan plan(std::int64_t budget_tokens) const override {
    if (budget_tokens < recents_) {
      throw pressroom::Error({"the budget is too small", "", "", "", ""});
    }
    pressroom::EvictionPlan plan;
    plan.ranking = pressroom::Ranking::kScore;
    plan.recents = recents_;
    return plan;
  }
  std::unique_ptr<pressroom::Policy> make_policy(const pressroom::PolicyContext&) const override {
    return std::make_unique<GoodPolicy>();
  }

 private:
  std::int64_t recents_ = -1;
};

}  // namespace zoo

PRESSROOM_METHOD(zoo::Good, "good_method", "1.2.3")
