// Crashes as soon as it is loaded, in a static constructor, where the environment says so: the tool
// that asks it for its description at build time is spared.
#include <ATen/ATen.h>

#include <cstdlib>

#include "pressroom/plugin.h"

namespace {

const int crashed = [] {
  if (std::getenv("PRESSROOM_TEST_CRASH") != nullptr) std::abort();
  return 0;
}();

struct CrashesWhenLoaded final : pressroom::Scorer<CrashesWhenLoaded> {
  static pressroom::Declaration<CrashesWhenLoaded> declare() {
    return pressroom::Declaration<CrashesWhenLoaded>("keeps the newest entries");
  }
  at::Tensor score(const pressroom::HeadView& head, const pressroom::PolicyContext&) const {
    return head.positions().to(at::kFloat) + static_cast<float>(crashed);
  }
};

}  // namespace

PRESSROOM_METHOD(CrashesWhenLoaded, "crashes_when_loaded", "1.0.0")
