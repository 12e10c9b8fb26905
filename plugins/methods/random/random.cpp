#include <ATen/ATen.h>

#include "pressroom/plugin.h"
#include "pressroom/protection.h"

namespace pressroom {

// One uniform number per entry, drawn once when the entry is born: a survivor is not drawn again.
class UniformPolicy final : public Policy {
 public:
  explicit UniformPolicy(const RandomKey& random) : random_(random) {}

  at::Tensor birth_scores(const EntriesView& entries) override {
    const at::Tensor positions = entries.positions();
    at::Tensor scores = at::empty({entries.keys().size(0), entries.size()}, at::kFloat);
    for (std::int64_t head = 0; head < scores.size(0); ++head) {
      float* row = scores[head].data_ptr<float>();
      for (std::int64_t i = 0; i < scores.size(1); ++i) {
        const std::int64_t position = positions.data_ptr<std::int64_t>()[i];
        row[i] = static_cast<float>(random_.with(head).with(position).uniform());
      }
    }
    return scores;
  }

 private:
  RandomKey random_;
};

class Random final : public Method {
 public:
  PluginInfo describe() const override {
    return {"keeps entries by independent uniform scores per layer, head and position: the floor",
            "", Protection::parameters(0, 0)};
  }

  void configure(const Parameters& parameters) override { protection_.configure(parameters); }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = protection_.plan(budget_tokens);
    plan.ranking = Ranking::kBirthScore;
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    return std::make_unique<UniformPolicy>(context.random);
  }

 private:
  Protection protection_;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Random, "random", "1.0.0")
