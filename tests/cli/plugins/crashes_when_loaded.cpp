// Crashes as soon as it is loaded, in a static constructor, where the environment says so: the tool
// that asks it for its description at build time is spared.
#include <ATen/ATen.h>

#include <cstdio>
#include <cstdlib>

#include "pressroom/plugin.h"

namespace {

const int crashed = [] {
  if (std::getenv("PRESSROOM_TEST_CRASH") == nullptr) return 0;
  std::fputs("crashing\n", stderr);
  std::abort();
}();

struct CrashesWhenLoaded final : pressroom::Scorer<CrashesWhenLoaded> {
  std::int64_t recent = 1;

  static pressroom::Declaration<CrashesWhenLoaded> declare() {
    return pressroom::Declaration<CrashesWhenLoaded>("keeps the newest entries")
        .parameter(&CrashesWhenLoaded::recent,
                   pressroom::integer("recent", 1, "newest entries, never evicted").at_least(1))
        .recents(&CrashesWhenLoaded::recent);
  }
  at::Tensor score(const pressroom::HeadView& head, const pressroom::PolicyContext&) const {
    return head.positions().to(at::kFloat) + static_cast<float>(crashed);
  }
};

}  // namespace

PRESSROOM_METHOD(CrashesWhenLoaded, "crashes_when_loaded", "1.0.0")
