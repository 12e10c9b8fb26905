#include "curvature_method.h"
#include "pressroom/plugin.h"

namespace pressroom {

class CabV3Policy final : public CurvaturePolicy {
 public:
  using CurvaturePolicy::CurvaturePolicy;
  at::Tensor score(const HeadView& head) override { return at::tensor(curvature(head)); }
};

class CabV3 final : public CurvatureMethod {
 public:
  PluginInfo describe() const override {
    return {"keeps the entries with the highest curvature in the graph of similar keys", "",
            parameters()};
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& /*context*/) const override {
    return std::make_unique<CabV3Policy>(lambda_, keeps_low_);
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::CabV3, "cab_v3", "1.0.0")
