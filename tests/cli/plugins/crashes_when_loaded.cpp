// Crashes as soon as it is loaded, in a static constructor, where the environment says so: the tool
// that asks it for its description at build time is spared.
#include <ATen/ATen.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "pressroom/plugin.h"

namespace {

const int crashed = [] {
  const char* const wish = std::getenv("PRESSROOM_TEST_CRASH");
  if (wish == nullptr) return 0;
  const std::string deed = wish;
  if (deed == "exit") std::exit(0);
  if (deed == "hang") ::pause();
  if (deed == "kill") ::raise(SIGKILL);
  if (deed == "noise") {
    for (int i = 0; i < 100000; ++i) std::puts("a line that nobody reads");
    return 0;
  }
  if (deed == "child" && ::fork() == 0) ::pause();
  std::fputs("crashing\n", stderr);
  std::abort();
}();

struct CrashesWhenLoaded final : pressroom::Scorer<CrashesWhenLoaded> {
  std::int64_t recent = 1;

  static pressroom::Declaration<CrashesWhenLoaded> declare() {
    return pressroom::Declaration<CrashesWhenLoaded>("keeps the newest entries")
        .parameter(&CrashesWhenLoaded::recent,
                   pressroom::integer("recent", 1, "newest entries, never evicted").at_least(1))
        .recents(&CrashesWhenLoaded::recent)
        .positions(pressroom::Positions::kCacheIndex);
  }
  at::Tensor score(const pressroom::HeadView& head, const pressroom::PolicyContext&) const {
    return head.positions().to(at::kFloat) + static_cast<float>(crashed);
  }
};

}  // namespace

PRESSROOM_METHOD(CrashesWhenLoaded, "crashes_when_loaded", "1.0.0")
