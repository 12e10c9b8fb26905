#include "bundle/version.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <tuple>

#include "pressroom/sdk_version.h"

namespace pressroom {
namespace {

// Of `count` numbers with dots between them.
template <std::size_t count>
std::optional<std::array<int, count>> dotted_numbers(std::string_view text) {
  constexpr std::size_t kMostDigits = 9;  // fit an int
  std::array<int, count> numbers = {};
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t end = std::min(text.find('.'), text.size());
    const std::string_view digits = text.substr(0, end);
    if (digits.empty() || digits.size() > kMostDigits || (digits[0] == '0' && digits.size() > 1)) {
      return std::nullopt;
    }
    for (const char c : digits) {
      if (c < '0' || c > '9') return std::nullopt;
      numbers[i] = numbers[i] * 10 + (c - '0');
    }
    const bool is_last = i + 1 == count;
    if (is_last != (end == text.size())) return std::nullopt;
    if (!is_last) text.remove_prefix(end + 1);
  }
  return numbers;
}

}  // namespace

std::string Version::text() const {
  return std::to_string(major) + '.' + std::to_string(minor) + '.' + std::to_string(patch);
}

bool operator==(const Version& a, const Version& b) {
  return std::tie(a.major, a.minor, a.patch) == std::tie(b.major, b.minor, b.patch);
}

bool operator<(const Version& a, const Version& b) {
  return std::tie(a.major, a.minor, a.patch) < std::tie(b.major, b.minor, b.patch);
}

std::optional<Version> parse_version(std::string_view text) {
  const auto numbers = dotted_numbers<3>(text);
  if (!numbers) return std::nullopt;
  return Version{(*numbers)[0], (*numbers)[1], (*numbers)[2]};
}

std::string SdkVersion::text() const { return std::to_string(major) + '.' + std::to_string(minor); }

bool operator==(const SdkVersion& a, const SdkVersion& b) {
  return std::tie(a.major, a.minor) == std::tie(b.major, b.minor);
}

bool operator<(const SdkVersion& a, const SdkVersion& b) {
  return std::tie(a.major, a.minor) < std::tie(b.major, b.minor);
}

std::optional<SdkVersion> parse_sdk_version(std::string_view text) {
  const auto numbers = dotted_numbers<2>(text);
  if (!numbers) return std::nullopt;
  return SdkVersion{(*numbers)[0], (*numbers)[1]};
}

SdkVersion this_sdk() { return {PRESSROOM_SDK_VERSION_MAJOR, PRESSROOM_SDK_VERSION_MINOR}; }

}  // namespace pressroom
