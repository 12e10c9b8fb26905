// Keeps the newest entries, slowly: a run with it lasts long enough to be met in the middle.
#include <ATen/ATen.h>

#include <chrono>
#include <thread>

#include "pressroom/plugin.h"

namespace {

class SlowPolicy : public pressroom::Policy {
 public:
  explicit SlowPolicy(std::chrono::microseconds pause) : pause_(pause) {}

  at::Tensor birth_scores(const pressroom::EntriesView& entries) override {
    std::this_thread::sleep_for(pause_ * entries.size());
    const at::Tensor scores = entries.positions().to(at::kFloat);
    return scores.expand({entries.keys().size(0), entries.size()});
  }

 private:
  std::chrono::microseconds pause_;
};

class Slow : public pressroom::Method {
 public:
  pressroom::PluginInfo describe() const override {
    return {"keeps the newest entries and takes its time",
            "",
            {pressroom::integer("pause_us", 1000, "microseconds for each token").at_least(0)}};
  }
  void configure(const pressroom::Parameters& parameters) override {
    pause_ = std::chrono::microseconds(parameters.integer("pause_us"));
  }
  pressroom::EvictionPlan plan(std::int64_t) const override {
    pressroom::EvictionPlan plan;
    plan.ranking = pressroom::Ranking::kBirthScore;
    return plan;
  }
  std::unique_ptr<pressroom::Policy> make_policy(const pressroom::PolicyContext&) const override {
    return std::make_unique<SlowPolicy>(pause_);
  }

 private:
  std::chrono::microseconds pause_{0};
};

}  // namespace

PRESSROOM_METHOD(Slow, "slow", "1.0.0")
