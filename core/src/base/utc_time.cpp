#include "base/utc_time.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <ctime>

namespace pressroom {
namespace {

constexpr std::int64_t kFirstSecond = -62135596800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kLastSecond = 253402300799;   // 9999-12-31T23:59:59Z
constexpr std::string_view kPattern = "dddd-dd-ddTdd:dd:ddZ";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int number_at(std::string_view text, std::size_t first, std::size_t count) {
  int number = 0;
  for (const char digit : text.substr(first, count)) number = number * 10 + (digit - '0');
  return number;
}

}  // namespace

std::string UtcTime::text() const {
  const std::time_t time = std::clamp(seconds, kFirstSecond, kLastSecond);
  std::tm parts = {};
  ::gmtime_r(&time, &parts);
  char text[80];  // six numbers of any size
  std::snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02dZ", parts.tm_year + 1900,
                parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
  return text;
}

UtcTime UtcTime::after(std::chrono::seconds length) const {
  const std::int64_t begin = std::clamp(seconds, kFirstSecond, kLastSecond);
  // Limited on its own first: the sum of two that are is no more than 64 bits hold.
  const std::int64_t step =
      std::clamp<std::int64_t>(length.count(), -2 * kLastSecond, 2 * kLastSecond);
  return {std::clamp(begin + step, kFirstSecond, kLastSecond)};
}

std::optional<UtcTime> parse_utc_time(std::string_view text) {
  if (text.size() != kPattern.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (kPattern[i] == 'd' ? !is_digit(text[i]) : text[i] != kPattern[i]) return std::nullopt;
  }
  std::tm parts = {};
  parts.tm_year = number_at(text, 0, 4) - 1900;
  parts.tm_mon = number_at(text, 5, 2) - 1;
  parts.tm_mday = number_at(text, 8, 2);
  parts.tm_hour = number_at(text, 11, 2);
  parts.tm_min = number_at(text, 14, 2);
  parts.tm_sec = number_at(text, 17, 2);
  const UtcTime time = {::timegm(&parts)};
  // timegm() takes the 31st of February, and hour 25, for a later moment.
  if (time.text() != text) return std::nullopt;
  return time;
}

UtcTime utc_now() { return {std::time(nullptr)}; }

}  // namespace pressroom
