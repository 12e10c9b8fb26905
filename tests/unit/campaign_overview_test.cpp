// What can be told of a campaign without opening a result.
#include "results/campaign_overview.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "campaign_writer.h"
#include "lease/lease.h"
#include "scratch_folder.h"
#include "study_results.h"

namespace pressroom::campaign_overview_test {
namespace {

namespace fs = std::filesystem;

// Four cells: dense and h2o, each on two seeds. `missing`: without a file yet.
std::vector<CellResult> four_cells(const std::set<std::size_t>& missing = {}) {
  std::vector<CellResult> results;
  for (const std::uint64_t seed : {42, 43}) {
    results.push_back(study_cell("dense", 0, seed, {1, 2}, 10));
    results.push_back(study_cell("h2o", 0.9, seed, {1.5, 2.5}, 10));
  }
  for (const std::size_t i : missing) results[i].error = kNotRun;
  return results;
}

std::string event(const std::string& minute, const std::string& rest) {
  return R"({"time":"2026-11-30T12:)" + minute + R"(:00Z","event":)" + rest + "}\n";
}

std::string of_cell(const char* what, const CellResult& result) {
  return "\"" + std::string(what) + R"(","cell":")" + result.cell.file_stem() + R"(","dataset":")" +
         result.cell.dataset + "\"";
}

class Overview : public testing::Test {
 protected:
  CampaignOverview read(const std::vector<CellResult>& results, const std::string& log) {
    write_campaign(folder_.path(), "made up", results);
    if (!log.empty()) std::ofstream(folder_.path() / "events.jsonl") << log;
    return read_overview(folder_.path());
  }

  ScratchFolder folder_;
};

TEST_F(Overview, CountsFilesAndReadsFailuresFromTheLog) {
  const std::vector<CellResult> cells = four_cells();
  const CampaignOverview overview =
      read(cells, event("00", R"("begin","cells":4)") + event("01", of_cell("cell", cells[0])) +
                      event("02", of_cell("cell failed", cells[1])) +
                      event("03", of_cell("cell failed", cells[3])) +
                      event("04", R"("interrupted")") + event("05", R"("begin","cells":4)") +
                      event("06", of_cell("cell", cells[3])) + event("07", R"("end")"));
  EXPECT_TRUE(overview.problems.empty());
  EXPECT_EQ(overview.labels.name, "made up");
  EXPECT_EQ(overview.labels.model, "starter");
  EXPECT_EQ(overview.planned, 4u);
  EXPECT_EQ(overview.done, 4u);
  EXPECT_EQ(overview.failed, 1u) << "the second was run again, and went well";
  EXPECT_EQ(overview.state, CampaignState::kFailed);
  ASSERT_TRUE(overview.date.has_value());
  EXPECT_EQ(overview.date->text(), "2026-11-30T12:07:00Z");
}

TEST_F(Overview, CountsNoFailureOfACellThatGotTheResultOfAnotherConfig) {
  const std::vector<CellResult> cells = four_cells();
  for (const char* kept : {"cell kept", "cell copied"}) {
    const CampaignOverview overview =
        read(cells, event("02", of_cell("cell failed", cells[1])) +
                        event("03", of_cell(kept, cells[1])) + event("07", R"("end")"));
    EXPECT_EQ(overview.failed, 0u) << kept;
    EXPECT_EQ(overview.state, CampaignState::kFinished) << kept;
  }
}

TEST_F(Overview, CountsNoFailureOfACellThatHasNoFileAnyMore) {
  const std::vector<CellResult> cells = four_cells({1});
  const CampaignOverview overview =
      read(cells, event("02", of_cell("cell failed", cells[1])) + event("07", R"("end")"));
  EXPECT_EQ(overview.done, 3u);
  EXPECT_EQ(overview.failed, 0u);
  EXPECT_EQ(overview.state, CampaignState::kUnfinished);
}

TEST_F(Overview, TellsTheStateByFilesAndTheEndOfTheLog) {
  const struct {
    std::set<std::size_t> missing;
    std::string log;
    CampaignState state;
  } kCases[] = {
      {{}, "", CampaignState::kFinished},
      {{}, event("00", R"("begin")") + event("01", R"("end")"), CampaignState::kFinished},
      {{}, event("00", R"("end")") + event("01", R"("begin")"), CampaignState::kUnfinished},
      {{}, event("00", R"("interrupted")"), CampaignState::kUnfinished},
      {{}, event("00", R"("interrupted")") + event("01", R"("end")"), CampaignState::kFinished},
      {{2}, event("00", R"("end")"), CampaignState::kUnfinished},
      {{0, 1, 2, 3}, event("00", R"("begin")"), CampaignState::kUnfinished},
  };
  for (const auto& each : kCases) {
    const ScratchFolder folder;
    write_campaign(folder.path(), "made up", four_cells(each.missing));
    if (!each.log.empty()) std::ofstream(folder.path() / "events.jsonl") << each.log;
    EXPECT_STREQ(to_string(read_overview(folder.path()).state), to_string(each.state)) << each.log;
  }
}

TEST_F(Overview, IsRunningWhileAProcessHasALease) {
  const std::string log = event("00", R"("end")");
  {
    LeaseFolder leases(folder_.path() / "leases", std::chrono::seconds(60));
    EXPECT_EQ(read(four_cells(), log).state, CampaignState::kRunning);
  }
  EXPECT_EQ(read(four_cells(), log).state, CampaignState::kFinished);
}

TEST_F(Overview, PassesOverLinesThatItDoesNotUnderstand) {
  const CampaignOverview overview =
      read(four_cells(),
           event("05", R"("end")") + "[1]\nnull\n\n{\"event\":7,\"time\":8}\n{\"time\":\"");
  EXPECT_EQ(overview.state, CampaignState::kFinished);
  EXPECT_EQ(overview.date->text(), "2026-11-30T12:05:00Z");
}

TEST_F(Overview, TakesTheTimeOfThePlanWhereThereIsNoLog) {
  write_campaign(folder_.path(), "made up", four_cells());
  const timespec noon[2] = {{1767225600, 0}, {1767225600, 0}};  // 2026-01-01
  ASSERT_EQ(::utimensat(AT_FDCWD, (folder_.path() / "plan.json").c_str(), noon, 0), 0);
  EXPECT_EQ(read_overview(folder_.path()).date->text(), "2026-01-01T00:00:00Z");
}

TEST_F(Overview, OpensNoResult) {
  write_campaign(folder_.path(), "made up", four_cells());
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_.path())) {
    if (entry.path().filename().string().find("_seed") == std::string::npos) continue;
    std::ofstream(entry.path()) << "not what was written";
  }
  EXPECT_EQ(read_overview(folder_.path()).state, CampaignState::kFinished);
}

TEST_F(Overview, NamesEveryFileThatIsDamaged) {
  const auto damage = [&](const char* file, const std::string& text) {
    std::ofstream(folder_.path() / file) << text;
    return read_overview(folder_.path());
  };
  write_campaign(folder_.path(), "made up", four_cells());
  CampaignOverview overview = damage("config.yaml", "name: other\n");
  EXPECT_EQ(overview.state, CampaignState::kDamaged);
  ASSERT_EQ(overview.problems.size(), 1u);
  EXPECT_EQ(overview.problems[0].what, "a file of the campaign was changed after it was written");
  EXPECT_EQ(overview.done, 4u) << "what can be told is told";

  overview = damage("plan.json", "{\"schema\":\"pressroom.plan/1\",");
  ASSERT_EQ(overview.problems.size(), 1u)
      << "without a plan, config.yaml has nothing to be held to";
  EXPECT_EQ(overview.problems[0].what, "the plan is not whole");
  EXPECT_EQ(overview.labels.name, "other");
  EXPECT_EQ(overview.planned, 0u);

  overview = damage("config.yaml", "name: [\n");
  EXPECT_EQ(overview.problems.size(), 2u);
  EXPECT_EQ(read_overview(folder_.path() / "nowhere").state, CampaignState::kDamaged);
}

}  // namespace
}  // namespace pressroom::campaign_overview_test
