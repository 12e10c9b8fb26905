#include "h2o.h"

#include "pressroom/plugin.h"

namespace pressroom {

struct H2o final : HeavyHitters<H2o> {
  static Declaration<H2o> declare() {
    return declaration_of("keeps heavy hitters of cumulative attention and a recent window", 0.5);
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::H2o, "h2o", "1.1.0")
