#include "unified.h"

#include "pressroom/plugin.h"

namespace pressroom {

struct Unified final : UnifiedMethod<Unified> {
  static Declaration<Unified> declare() {
    return declaration_of("keeps sinks, separators, heavy hitters and a local window", 0);
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Unified, "unified", "1.0.0")
