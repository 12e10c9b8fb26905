#include "../unified/unified.h"
#include "pressroom/plugin.h"

namespace pressroom {

struct LazyUnified final : UnifiedMethod<LazyUnified> {
  static Declaration<LazyUnified> declare() {
    return declaration_of("unified that chooses its middle at every n-th step only", 10);
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::LazyUnified, "lazy_unified", "1.0.0")
