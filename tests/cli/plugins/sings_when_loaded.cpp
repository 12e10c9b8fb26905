// A canary: makes the file that PRESSROOM_TEST_CANARY names as soon as it is loaded, in a static
// constructor. Where plugins are only looked at, there is no such file.
#include <ATen/ATen.h>

#include <cstdio>
#include <cstdlib>

#include "pressroom/plugin.h"

namespace {

const bool sang = [] {
  const char* const file = std::getenv("PRESSROOM_TEST_CANARY");
  if (file == nullptr) return false;
  std::FILE* const made = std::fopen(file, "w");
  return made != nullptr && std::fclose(made) == 0;
}();

struct SingsWhenLoaded final : pressroom::Scorer<SingsWhenLoaded> {
  std::int64_t recent = 1;

  static pressroom::Declaration<SingsWhenLoaded> declare() {
    return pressroom::Declaration<SingsWhenLoaded>("keeps the newest entries")
        .parameter(&SingsWhenLoaded::recent,
                   pressroom::integer("recent", 1, "newest entries, never evicted").at_least(1))
        .recents(&SingsWhenLoaded::recent)
        .positions(pressroom::Positions::kCacheIndex);
  }
  at::Tensor score(const pressroom::HeadView& head, const pressroom::PolicyContext&) const {
    return head.positions().to(at::kFloat) + static_cast<float>(sang);
  }
};

}  // namespace

PRESSROOM_METHOD(SingsWhenLoaded, "sings_when_loaded", "1.0.0")
