// KeyDiff (Park et al., arXiv:2504.15364): keys that point where all keys point are redundant.
// With u_i = k_i / |k_i| the anchor is a = mean(u_i), and an entry's score is -cos(k_i, a).
#include <ATen/ATen.h>
#include <pressroom/plugin.h>

namespace {

struct KeyDiffPolicy : pressroom::Policy {
  at::Tensor score(const pressroom::HeadView& head) override {
    const at::Tensor keys = head.keys();                                                 // [T,d]
    const at::Tensor units = keys / keys.norm(2, -1, /*keepdim=*/true).clamp_min(1e-8);  // [T,d]
    const at::Tensor anchor = units.mean(0);                                             // [d]
    return -units.mv(anchor) / anchor.norm().clamp_min(1e-8);                            // [T]
  }
};

class KeyDiff : public pressroom::Method {
 public:
  pressroom::PluginInfo describe() const override {
    return {"keeps keys unlike the average key", "Park et al. 2025, arXiv:2504.15364", {}};
  }
  pressroom::EvictionPlan plan(std::int64_t) const override {
    pressroom::EvictionPlan plan;
    plan.ranking = pressroom::Ranking::kScore;
    return plan;
  }
  std::unique_ptr<pressroom::Policy> make_policy(const pressroom::PolicyContext&) const override {
    return std::make_unique<KeyDiffPolicy>();
  }
};

}  // namespace

PRESSROOM_METHOD(KeyDiff, "my_keydiff", "1.0.0")
