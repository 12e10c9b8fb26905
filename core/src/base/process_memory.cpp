#include "base/process_memory.h"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <locale>
#include <new>
#include <string>

namespace pressroom {
namespace {

// Of a file with lines like "VmHWM:   1234 kB".
std::optional<std::int64_t> bytes_in(const char* file, const std::string& field) {
  std::ifstream lines(file);
  lines.imbue(std::locale::classic());
  for (std::string line; std::getline(lines, line);) {
    if (line.compare(0, field.size(), field) != 0 || line[field.size()] != ':') continue;
    return std::stoll(line.substr(field.size() + 1)) * 1024;
  }
  return std::nullopt;
}

std::optional<std::int64_t> status_bytes(const std::string& field) {
  return bytes_in("/proc/self/status", field);
}

// What a file with one number says; nothing where it says "max", or is not there.
std::optional<std::int64_t> number_of(const std::string& file) {
  std::ifstream text(file);
  text.imbue(std::locale::classic());
  std::int64_t number = 0;
  return text >> number ? std::optional<std::int64_t>(number) : std::nullopt;
}

// What the group at the top of what this process sees leaves of its limit: in a container, its own.
std::optional<std::int64_t> left_in_group() {
  const auto most = number_of("/sys/fs/cgroup/memory.max");
  const auto now = number_of("/sys/fs/cgroup/memory.current");
  if (!most || !now) return std::nullopt;
  return std::max<std::int64_t>(0, *most - *now);
}

std::optional<std::int64_t> left_in_address_space() {
  rlimit limit = {};
  const auto used = status_bytes("VmSize");
  if (!used || ::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return std::nullopt;
  }
  return std::max<std::int64_t>(0, static_cast<std::int64_t>(limit.rlim_cur) - *used);
}

// As VmRSS, but for counts that threads keep to themselves for a while, and at a third of the cost.
std::int64_t now_bytes() {
  std::ifstream statm("/proc/self/statm");
  statm.imbue(std::locale::classic());
  std::int64_t pages = 0;
  std::int64_t resident = 0;
  statm >> pages >> resident;
  return statm ? resident * ::sysconf(_SC_PAGESIZE) : 0;
}

bool reset_peak() {
  std::ofstream file("/proc/self/clear_refs");
  file << "5" << std::flush;  // proc(5): sets the peak resident set size to the current value
  return file.good();
}

}  // namespace

std::optional<std::int64_t> resident_bytes() {
  ::malloc_trim(0);
  return status_bytes("VmRSS");
}

std::optional<std::int64_t> peak_resident_bytes(const std::function<void()>& call) {
  ::malloc_trim(0);
  const bool is_reset = reset_peak();
  call();
  return is_reset ? status_bytes("VmHWM") : std::nullopt;
}

std::optional<std::int64_t> available_bytes() {
  std::optional<std::int64_t> bytes = bytes_in("/proc/meminfo", "MemAvailable");
  for (const auto& left : {left_in_group(), left_in_address_space()}) {
    if (bytes && left) bytes = std::min(*bytes, *left);
  }
  return bytes;
}

bool tells_of_memory(const std::exception& error) {
  return dynamic_cast<const std::bad_alloc*>(&error) != nullptr ||
         std::strstr(error.what(), "can't allocate memory") != nullptr;
}

void HeapTrimmer::trim() {
  const std::int64_t bytes = now_bytes();
  if (is_trimmed_) settled_bytes_ = std::max(settled_bytes_, bytes);
  is_trimmed_ = bytes * 7 > settled_bytes_ * 8;
  if (is_trimmed_) ::malloc_trim(0);
}

}  // namespace pressroom
