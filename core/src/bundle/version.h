// Versions of plugins and of the SDK as bundles spell them: numbers and dots, and nothing that two
// programs could order differently.
//
//   parse_version("1.10.0") > parse_version("1.9.3")      parse_version("1.10") == std::nullopt
//   SdkRange{{7, 0}, {8, 0}}.holds({7, 2})                // built from 7.0 on, below 8.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pressroom {

// MAJOR.MINOR.PATCH of a plugin, each from 0 to 999999999.
struct Version {
  int major = 0;
  int minor = 0;
  int patch = 0;

  std::string text() const;  // "1.10.0"
};

bool operator==(const Version& a, const Version& b);
bool operator<(const Version& a, const Version& b);  // by number: 1.9.3 < 1.10.0
inline bool operator!=(const Version& a, const Version& b) { return !(a == b); }
inline bool operator>(const Version& a, const Version& b) { return b < a; }
inline bool operator<=(const Version& a, const Version& b) { return !(b < a); }
inline bool operator>=(const Version& a, const Version& b) { return !(a < b); }

// Nothing where `text` is anything but three numbers with dots between them. A number has no sign
// and no zero in front: a version is spelled in one way.
std::optional<Version> parse_version(std::string_view text);

// MAJOR.MINOR of the plugin SDK.
struct SdkVersion {
  int major = 0;
  int minor = 0;

  std::string text() const;  // "7.0"
};

bool operator==(const SdkVersion& a, const SdkVersion& b);
bool operator<(const SdkVersion& a, const SdkVersion& b);

// As parse_version, of two numbers.
std::optional<SdkVersion> parse_sdk_version(std::string_view text);

// The SDK of this harness.
SdkVersion this_sdk();

// The versions of the SDK that a plugin's source is written for.
struct SdkRange {
  SdkVersion minimum;  // the first that will do
  SdkVersion below;    // the first that will not

  bool holds(const SdkVersion& sdk) const { return !(sdk < minimum) && sdk < below; }
};

}  // namespace pressroom
