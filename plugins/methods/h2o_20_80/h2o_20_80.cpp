#include "../h2o/h2o.h"
#include "pressroom/plugin.h"

namespace pressroom {

struct H2o2080 final : HeavyHitters<H2o2080> {
  static Declaration<H2o2080> declare() {
    return declaration_of("h2o with a fifth of the budget recent, four fifths heavy", 0.2);
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::H2o2080, "h2o_20_80", "1.0.0")
