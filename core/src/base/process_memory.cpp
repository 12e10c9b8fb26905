#include "base/process_memory.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <locale>
#include <string>

namespace pressroom {
namespace {

std::optional<std::int64_t> status_bytes(const std::string& field) {
  std::ifstream status("/proc/self/status");
  status.imbue(std::locale::classic());
  for (std::string line; std::getline(status, line);) {
    if (line.compare(0, field.size(), field) != 0 || line[field.size()] != ':') continue;
    return std::stoll(line.substr(field.size() + 1)) * 1024;  // "VmHWM:   1234 kB"
  }
  return std::nullopt;
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

void HeapTrimmer::trim() {
  const std::int64_t bytes = now_bytes();
  if (is_trimmed_) settled_bytes_ = std::max(settled_bytes_, bytes);
  is_trimmed_ = bytes * 7 > settled_bytes_ * 8;
  if (is_trimmed_) ::malloc_trim(0);
}

}  // namespace pressroom
