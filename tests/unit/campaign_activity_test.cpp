#include "results/campaign_activity.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "scratch_folder.h"

namespace pressroom {
namespace {

constexpr std::int64_t kNoon = 1767225600 + 12 * 3600;  // 2026-01-01T12:00:00Z

// A line of the log, `seconds` before noon.
std::string line(int seconds, const std::string& rest) {
  const int of_day = 12 * 3600 - seconds;
  char time[32];
  std::snprintf(time, sizeof time, "2026-01-01T%02d:%02d:%02dZ", of_day / 3600, of_day / 60 % 60,
                of_day % 60);
  return std::string(R"({"time":")") + time + R"(","event":)" + rest + "}\n";
}

CampaignActivity activity_of(const std::string& log) {
  const ScratchFolder folder;
  std::ofstream(folder.path() / "events.jsonl") << log;
  return read_activity(folder.path(), kNoon);
}

TEST(CampaignActivity, CountsTheCellsOfTheLastTenMinutes) {
  std::string log = line(7200, R"("begin")");
  for (int i = 0; i < 50; ++i) log += line(3600 + i, R"("cell")");
  EXPECT_EQ(activity_of(log).cells_an_hour, 0) << "none of them lately";
  for (int i = 0; i < 20; ++i) log += line(500 - i, i % 2 == 0 ? R"("cell")" : R"("cell failed")");
  EXPECT_EQ(activity_of(log).cells_an_hour, 120);
}

TEST(CampaignActivity, CountsFromTheBeginOfAShorterRun) {
  std::string log = line(400, R"("cell")") + line(60, R"("begin")");
  EXPECT_EQ(activity_of(log + line(30, R"("cell")") + line(20, R"("cell")")).cells_an_hour, 0)
      << "too few of them";
  for (int i = 0; i < 6; ++i) log += line(30, R"("cell")");
  EXPECT_EQ(activity_of(log).cells_an_hour, 360);
}

TEST(CampaignActivity, TellsSinceWhenLongCellsRunAndWhatWentWrongInTheLatestRun) {
  const std::string log = line(900, R"("worker ended")") + line(800, R"("begin")") +
                          line(700, R"("cell runs","lease":"a")") +
                          line(100, R"("cell runs","lease":"b")") + line(90, R"("worker ended")") +
                          line(80, R"("lease taken over","lease":"c")");
  const CampaignActivity activity = activity_of(log);
  EXPECT_EQ(activity.seconds_of("a"), 710);
  EXPECT_EQ(activity.seconds_of("b"), 110);
  EXPECT_EQ(activity.seconds_of("c"), std::nullopt);
  EXPECT_EQ(activity.deaths, 1u);
  EXPECT_EQ(activity.takeovers, 1u);
}

TEST(CampaignActivity, PassesOverWhatItDoesNotUnderstand) {
  const std::string log = std::string("{\n[]\n7\n\n{\"event\":\"cell\"}\n{\"time\":7,\"event\":") +
                          "\"cell\"}\n{\"time\":\"soon\",\"event\":\"worker ended\"}\n" +
                          line(-900, R"("cell runs","lease":"from another clock")") +
                          line(10, R"("cell runs","lease":7)") + R"({"time":"2026)";
  const CampaignActivity activity = activity_of(log);
  EXPECT_EQ(activity.cells_an_hour, 0);
  EXPECT_EQ(activity.deaths, 0u);
  EXPECT_EQ(activity.seconds_of("from another clock"), 0);
  EXPECT_EQ(read_activity("/nowhere", kNoon).cells_an_hour, 0);
}

}  // namespace
}  // namespace pressroom
