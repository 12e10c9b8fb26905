#include "pressroom/plugin.h"

namespace pressroom {

// The baseline: every entry stays.
struct Dense final : DeclaredMethod<Dense, Ranking::kNone> {
  static Declaration<Dense> declare() {
    return Declaration<Dense>("keeps every entry: the baseline");
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Dense, "dense", "1.0.0")
