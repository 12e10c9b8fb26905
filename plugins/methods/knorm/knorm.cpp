#include <ATen/ATen.h>

#include "pressroom/plugin.h"
#include "pressroom/protection.h"

namespace pressroom {

// Score of an entry: -|k|, the negated Euclidean norm of its key. Rotation does not change a norm,
// so it is taken before rotation: equal keys then tie to the bit, and the engine's tie rule
// decides.
struct KeyNormPolicy final : Policy {
  at::Tensor birth_scores(const EntriesView& entries) override {
    return -at::norm(entries.keys_before_rope(), 2, -1);
  }
};

class Knorm final : public Method {
 public:
  PluginInfo describe() const override {
    return {"keeps the entries whose keys have the smallest norm",
            "Devoto et al., A Simple and Effective L2 Norm-Based Strategy for KV Cache "
            "Compression, EMNLP 2024, arXiv 2406.11430",
            Protection::parameters(0, 0)};
  }

  void configure(const Parameters& parameters) override { protection_.configure(parameters); }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = protection_.plan(budget_tokens);
    plan.ranking = Ranking::kBirthScore;
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& /*context*/) const override {
    return std::make_unique<KeyNormPolicy>();
  }

 private:
  Protection protection_;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Knorm, "knorm", "1.0.0")
