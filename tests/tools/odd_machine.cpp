// Preloaded into a program, gives it a machine that few have: for tests of what the program says.
//
//   LD_PRELOAD=libpressroom_odd_machine.so NO_LINKS=1 pressroom run ...
//   LD_PRELOAD=libpressroom_odd_machine.so CLOCK_AFTER=2:-3600 pressroom run ...
//
// NO_LINKS: no file gets a second name, as on FAT. CLOCK_AFTER: two seconds after the program has
// begun the clock is set, here back by an hour; the times of files stay the kernel's. What the
// program forks has the same machine, what it starts has not.
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>

namespace {

template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

time_t monotonic() {
  timespec now = {};
  next<int(clockid_t, timespec*)>("clock_gettime")(CLOCK_MONOTONIC, &now);
  return now.tv_sec;
}

time_t begun = 0;
long set_after = 0;
long set_by = 0;

// By how much the clock is off now.
time_t offset() { return set_by != 0 && monotonic() - begun >= set_after ? set_by : 0; }

__attribute__((constructor)) void set_up() {
  ::unsetenv("LD_PRELOAD");
  begun = monotonic();
  const char* const text = std::getenv("CLOCK_AFTER");
  if (text == nullptr) return;
  char* rest = nullptr;
  set_after = std::strtol(text, &rest, 10);
  if (*rest == ':') set_by = std::strtol(rest + 1, nullptr, 10);
}

}  // namespace

extern "C" {

int link(const char* from, const char* to) noexcept {
  if (std::getenv("NO_LINKS") == nullptr) {
    return next<int(const char*, const char*)>("link")(from, to);
  }
  errno = EPERM;
  return -1;
}

int clock_gettime(clockid_t clock, timespec* now) noexcept {
  const int code = next<int(clockid_t, timespec*)>("clock_gettime")(clock, now);
  if (clock == CLOCK_REALTIME) now->tv_sec += offset();
  return code;
}

int gettimeofday(timeval* now, void* zone) noexcept {
  const int code = next<int(timeval*, void*)>("gettimeofday")(now, zone);
  now->tv_sec += offset();
  return code;
}

time_t time(time_t* now) noexcept {
  const time_t seconds = next<time_t(time_t*)>("time")(nullptr) + offset();
  if (now != nullptr) *now = seconds;
  return seconds;
}

}  // extern "C"
