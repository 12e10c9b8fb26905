// Preloaded into a program, makes one of its calls that write below a folder fail, as a full or a
// broken disk does: for tests of what the program says then, and of its exit code.
//
//   LD_PRELOAD=libpressroom_failing_writes.so FAILING_UNDER=/tmp/x/results FAILING_CALL=7
//       FAILING_WITH=ENOSPC FAILING_LOG=/tmp/x/log pressroom run ...
//
// Calls are counted from 1: mkdir, opening for writing, and then write, fsync and ftruncate of what
// was opened so, close of what was written, and rename. The one that fails is named in the log
// ("write ENOSPC"), which stays empty where the program made fewer calls. Only the program itself
// is disturbed, not what it starts.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

constexpr int kMostDescriptors = 4096;

// Opened for writing below the folder.
std::array<std::atomic<bool>, kMostDescriptors> is_watched;
std::array<std::atomic<bool>, kMostDescriptors> is_written;
std::atomic<long> calls{0};

template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

const char* setting(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? "" : text;
}

bool is_below(const char* path) {
  const std::string folder = setting("FAILING_UNDER");
  std::string whole = path;
  if (whole.empty() || folder.empty()) return false;
  if (whole[0] != '/') {
    std::array<char, PATH_MAX> here = {};
    if (::getcwd(here.data(), here.size()) == nullptr) return false;
    whole = std::string(here.data()) + "/" + whole;
  }
  return whole.compare(0, folder.size(), folder) == 0 &&
         (whole.size() == folder.size() || whole[folder.size()] == '/');
}

bool is_watched_descriptor(int descriptor) {
  return descriptor >= 0 && descriptor < kMostDescriptors && is_watched[descriptor];
}

void log_failure(const char* call, const char* reason) {
  const auto real_open = next<int(const char*, int, ...)>("open");
  const auto real_write = next<ssize_t(int, const void*, std::size_t)>("write");
  const auto real_close = next<int(int)>("close");
  const int log = real_open(setting("FAILING_LOG"), O_WRONLY | O_CREAT | O_APPEND, 0644);
  const std::string line = std::string(call) + " " + reason + "\n";
  if (real_write(log, line.data(), line.size()) < 0) std::abort();
  real_close(log);
}

// Whether this call is the one; then errno is set.
bool fails(const char* call) {
  if (++calls != std::atol(setting("FAILING_CALL"))) return false;
  const char* reason = setting("FAILING_WITH");
  log_failure(call, reason);
  errno = std::strcmp(reason, "ENOSPC") == 0 ? ENOSPC : EIO;
  return true;
}

bool writes(int flags) { return (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT) != 0; }

template <typename Open>
int watch_open(const char* path, int flags, Open&& open) {
  const bool is_ours = writes(flags) && is_below(path);
  if (is_ours && fails("open")) return -1;
  const int descriptor = open();
  if (descriptor >= 0 && descriptor < kMostDescriptors) is_watched[descriptor] = is_ours;
  if (is_ours && descriptor >= 0 && descriptor < kMostDescriptors) is_written[descriptor] = false;
  return descriptor;
}

mode_t mode_of(int flags, va_list arguments) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return watch_open(path, flags,
                    [&] { return next<int(const char*, int, ...)>("open")(path, flags, mode); });
}

int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return watch_open(path, flags,
                    [&] { return next<int(const char*, int, ...)>("open64")(path, flags, mode); });
}

// Streams of the C and the C++ library begin here, and write past the functions below.
FILE* fopen(const char* path, const char* mode) {
  if (std::strpbrk(mode, "wa+") != nullptr && is_below(path) && fails("fopen")) return nullptr;
  return next<FILE*(const char*, const char*)>("fopen")(path, mode);
}

FILE* fopen64(const char* path, const char* mode) {
  if (std::strpbrk(mode, "wa+") != nullptr && is_below(path) && fails("fopen")) return nullptr;
  return next<FILE*(const char*, const char*)>("fopen64")(path, mode);
}

ssize_t write(int descriptor, const void* bytes, std::size_t count) {
  if (is_watched_descriptor(descriptor)) {
    is_written[descriptor] = true;
    if (fails("write")) return -1;
  }
  return next<ssize_t(int, const void*, std::size_t)>("write")(descriptor, bytes, count);
}

ssize_t writev(int descriptor, const iovec* parts, int count) {
  if (is_watched_descriptor(descriptor)) {
    is_written[descriptor] = true;
    if (fails("writev")) return -1;
  }
  return next<ssize_t(int, const iovec*, int)>("writev")(descriptor, parts, count);
}

int fsync(int descriptor) {
  if (is_watched_descriptor(descriptor) && fails("fsync")) return -1;
  return next<int(int)>("fsync")(descriptor);
}

int ftruncate(int descriptor, off_t length) noexcept {
  if (is_watched_descriptor(descriptor) && fails("ftruncate")) return -1;
  return next<int(int, off_t)>("ftruncate")(descriptor, length);
}

int close(int descriptor) {
  const bool is_ours = is_watched_descriptor(descriptor) &&
                       is_watched[descriptor].exchange(false) && is_written[descriptor] &&
                       fails("close");
  const int reason = errno;
  const int closed = next<int(int)>("close")(descriptor);
  errno = is_ours ? reason : errno;
  return is_ours ? -1 : closed;
}

int rename(const char* from, const char* to) noexcept {
  if (is_below(to) && fails("rename")) return -1;
  return next<int(const char*, const char*)>("rename")(from, to);
}

int mkdir(const char* path, mode_t mode) noexcept {
  if (is_below(path) && fails("mkdir")) return -1;
  return next<int(const char*, mode_t)>("mkdir")(path, mode);
}

}  // extern "C"

namespace {

// What the program starts is left alone.
__attribute__((constructor)) void leave_children_alone() { ::unsetenv("LD_PRELOAD"); }

}  // namespace
