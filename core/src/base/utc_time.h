// A moment to the second, in the one way that records spell it: "2027-05-01T00:00:00Z".
//
//   const UtcTime now = utc_now();
//   parse_utc_time("2027-05-01T00:00:00Z")->text() == "2027-05-01T00:00:00Z"
//   if (*parse_utc_time(text) < now) refuse("expired");
//
// Code that compares with the present takes it as a parameter: only who runs a command asks for it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pressroom {

// From the beginning of the year 1 to the end of 9999, without leap seconds.
struct UtcTime {
  std::int64_t seconds = 0;  // since 1970

  // Always 20 characters; a moment outside those years is shown as the first or last of them.
  std::string text() const;

  // `length` after this, but not after 9999 nor before the year 1.
  UtcTime after(std::chrono::seconds length) const;
};

inline bool operator==(UtcTime a, UtcTime b) { return a.seconds == b.seconds; }
inline bool operator!=(UtcTime a, UtcTime b) { return a.seconds != b.seconds; }
inline bool operator<(UtcTime a, UtcTime b) { return a.seconds < b.seconds; }
inline bool operator>(UtcTime a, UtcTime b) { return b < a; }
inline bool operator<=(UtcTime a, UtcTime b) { return !(b < a); }
inline bool operator>=(UtcTime a, UtcTime b) { return !(a < b); }

// Nothing for every other spelling, other time zones and fractions among them, and for a day that
// is in no calendar ("2027-02-29").
std::optional<UtcTime> parse_utc_time(std::string_view text);

// By this machine's clock.
UtcTime utc_now();

}  // namespace pressroom
