// A moment has one spelling, and every other text is none.
#include "base/utc_time.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>

namespace pressroom::utc_time_test {
namespace {

// Seconds by `date -u -d TEXT +%s`.
const std::pair<const char*, std::int64_t> kMoments[] = {
    {"1970-01-01T00:00:00Z", 0},           {"2000-02-29T12:34:56Z", 951827696},
    {"2027-05-01T00:00:00Z", 1809129600},  {"2038-01-19T03:14:08Z", 2147483648},
    {"1969-12-31T23:59:59Z", -1},          {"9999-12-31T23:59:59Z", 253402300799},
    {"0001-01-01T00:00:00Z", -62135596800}};

TEST(UtcTime, IsSecondsAndText) {
  for (const auto& [text, seconds] : kMoments) {
    ASSERT_TRUE(parse_utc_time(text)) << text;
    EXPECT_EQ(parse_utc_time(text)->seconds, seconds) << text;
    EXPECT_EQ(UtcTime{seconds}.text(), text);
  }
}

TEST(UtcTime, IsReadInOneSpellingOnly) {
  for (const char* text : {"",
                           "2027-05-01",
                           "2027-05-01T00:00:00",
                           "2027-05-01T00:00:00+00:00",
                           "2027-05-01t00:00:00z",
                           "2027-05-01 00:00:00Z",
                           "2027-05-01T00:00:00Z ",
                           " 2027-05-01T00:00:00Z",
                           "2027-05-01T00:00:00.0Z",
                           "2027-5-01T00:00:00Z",
                           "+027-05-01T00:00:00Z",
                           "-001-05-01T00:00:00Z",
                           "2027-05-01T 0:00:00Z",
                           "2027-02-29T00:00:00Z",
                           "2027-13-01T00:00:00Z",
                           "2027-00-01T00:00:00Z",
                           "2027-05-00T00:00:00Z",
                           "2027-05-32T00:00:00Z",
                           "2027-05-01T24:00:00Z",
                           "2027-05-01T00:60:00Z",
                           "2027-05-01T00:00:60Z",
                           "10000-01-01T00:00:00Z",
                           "0000-01-01T00:00:00Z",
                           "2027-05-01T00:00:00\xC2"}) {
    EXPECT_FALSE(parse_utc_time(text)) << text;
  }
  EXPECT_FALSE(parse_utc_time(std::string("2027-05-01T00:00:00\0", 20)));
}

TEST(UtcTime, StaysBetweenTheYears1And9999) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(UtcTime{0}.after(std::chrono::hours(24)).text(), "1970-01-02T00:00:00Z");
  for (const std::int64_t begin : {kLeast, std::int64_t{0}, kMost}) {
    EXPECT_EQ(UtcTime{begin}.after(std::chrono::seconds(kMost)).text(), "9999-12-31T23:59:59Z");
    EXPECT_EQ(UtcTime{begin}.after(std::chrono::seconds(kLeast)).text(), "0001-01-01T00:00:00Z");
  }
  EXPECT_EQ(UtcTime{kMost}.text(), "9999-12-31T23:59:59Z");
  EXPECT_EQ(UtcTime{kLeast}.text(), "0001-01-01T00:00:00Z");
}

TEST(UtcTime, IsOrdered) {
  EXPECT_TRUE(UtcTime{1} < UtcTime{2} && UtcTime{2} > UtcTime{1} && UtcTime{1} != UtcTime{2});
  EXPECT_TRUE(UtcTime{2} <= UtcTime{2} && UtcTime{2} >= UtcTime{2} && UtcTime{2} == UtcTime{2});
}

}  // namespace
}  // namespace pressroom::utc_time_test
