#include "curvature_method.h"
#include "pressroom/plugin.h"

namespace pressroom {

struct CabV3 final : CurvatureMethod<CabV3, Ranking::kScore> {
  static Declaration<CabV3> declare() {
    return declaration_of(
        "keeps the entries with the highest curvature in the graph of similar keys");
  }

  struct Live final : CurvaturePolicy<CabV3> {
    using CurvaturePolicy::CurvaturePolicy;
    at::Tensor score(const HeadView& head) override { return at::tensor(curvature(head)); }
  };
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::CabV3, "cab_v3", "1.0.0")
