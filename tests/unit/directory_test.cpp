#include "campaign/directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "campaign_test_support.h"
#include "plugin_test_support.h"
#include "result_builder.h"

namespace pressroom::directory_test {
namespace {

namespace fs = std::filesystem;

CellResult keyed(CellResult result, const std::string& key) {
  result.content_key = key;
  return result;
}

TEST(CampaignDirectory, IsMadeWhereItIsMissingAndSharedByAllWhoWorkOnIt) {
  const ScratchFolder folder;
  const fs::path place = folder.path() / "new/run";
  CampaignDirectory first(place);
  EXPECT_TRUE(fs::is_directory(place));
  CampaignDirectory second(place);
  const CellResult result = keyed(made_cell("h2o", 0.9, 42, {1.5}), "key");
  first.store_cell(result, "");
  EXPECT_TRUE(second.load_cell(result.cell, "", "key"));
}

TEST(DirectoryLock, IsHeldByOneAtATime) {
  const ScratchFolder folder;
  {
    const DirectoryLock first(folder.path());
    const std::vector<Problem> problems = problems_of([&] { DirectoryLock second(folder.path()); });
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems[0].what, "another training is using the output directory");
    EXPECT_EQ(problems[0].where, folder.path().string());
  }
  const DirectoryLock next(folder.path());
}

TEST(CampaignDirectory, ThatCannotBeWrittenIsAnError) {
  const ScratchFolder folder;
  write_file(folder.path() / "file", "");
  for (const fs::path& place :
       {folder.path() / "file", folder.path() / "file/below", fs::path("/proc/pressroom")}) {
    const std::vector<Problem> problems = problems_of([&] { CampaignDirectory directory(place); });
    ASSERT_EQ(problems.size(), 1U) << place;
    EXPECT_EQ(problems[0].what, "the output directory cannot be written");
    EXPECT_EQ(problems[0].where, place.string());
  }
}

TEST(CampaignDirectory, GivesBackAResultOnlyUnderItsName) {
  const ScratchFolder folder;
  CampaignDirectory directory(folder.path());
  const CellResult result = keyed(made_cell("h2o", 0.9, 42, {1.5}), "key");
  directory.store_cell(result, "");
  Cell renamed = result.cell;
  renamed.dataset = "papers";  // whose file is the same
  EXPECT_FALSE(directory.load_cell(renamed, "", "key"));
}

TEST(CampaignDirectory, GivesBackAResultOnlyToItsContentKey) {
  const ScratchFolder folder;
  CampaignDirectory directory(folder.path());
  const CellResult result = keyed(made_cell("h2o", 0.9, 42, {1.5, 2.5}), "key");
  EXPECT_FALSE(directory.load_cell(result.cell, "", "key"));
  directory.store_cell(result, "");
  EXPECT_TRUE(fs::exists(folder.path() / "h2o_s0.9_ctx1024_seed42.json"));
  const std::optional<CellResult> stored = directory.load_cell(result.cell, "", "key");
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->documents.size(), 2U);
  EXPECT_FALSE(directory.load_cell(result.cell, "", "another key"));
}

TEST(CampaignDirectory, KeepsTheCellsOfSeveralDatasetsApart) {
  const ScratchFolder folder;
  CampaignDirectory directory(folder.path());
  const CellResult result = keyed(made_cell("h2o", 0.9, 42, {1.5}), "key");
  directory.store_cell(result, "books");
  EXPECT_TRUE(fs::exists(folder.path() / "books/h2o_s0.9_ctx1024_seed42.json"));
  EXPECT_TRUE(directory.load_cell(result.cell, "books", "key"));
  EXPECT_FALSE(directory.load_cell(result.cell, "papers", "key"));
}

TEST(CampaignDirectory, StoresAFailureAndDoesNotGiveItBack) {
  const ScratchFolder folder;
  CampaignDirectory directory(folder.path());
  CellResult failed = keyed(failed_cell("h2o", 0.9, 42, "a name of bytes \xff\xfe"), "key");
  directory.store_cell(failed, "");
  const auto json =
      nlohmann::json::parse(read_file(folder.path() / "h2o_s0.9_ctx1024_seed42.json"));
  EXPECT_EQ(json.at("error"), "a name of bytes \xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_FALSE(directory.load_cell(failed.cell, "", "key"));
}

TEST(CampaignDirectory, AResultThatALossOfPowerToreIsRunAgain) {
  const ScratchFolder folder;
  CampaignDirectory directory(folder.path());
  const CellResult result = keyed(made_cell("h2o", 0.9, 42, {1.5}), "key");
  directory.store_cell(result, "");
  const fs::path file = directory.cell_file(result.cell, "");
  const std::string whole = read_file(file);
  for (const std::string& torn :
       {std::string(), std::string(4096, '\0'), whole.substr(0, 100) + std::string(50, '\0')}) {
    write_file(file, torn);
    EXPECT_FALSE(directory.load_cell(result.cell, "", "key")) << torn.size();
    EXPECT_EQ(directory.why_again(result.cell, "", {}), "") << torn.size();
  }
  write_file(file, whole);
  EXPECT_TRUE(directory.load_cell(result.cell, "", "key"));
}

TEST(CampaignDirectory, AHalfResultIsAnErrorThatNamesTheFile) {
  const ScratchFolder folder;
  CampaignDirectory directory(folder.path());
  const CellResult result = keyed(made_cell("h2o", 0.9, 42, {1.5}), "key");
  directory.store_cell(result, "");
  const fs::path file = directory.cell_file(result.cell, "");
  write_file(file, read_file(file).substr(0, 100));
  const std::vector<Problem> problems =
      problems_of([&] { directory.load_cell(result.cell, "", "key"); });
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].where, file.string());
}

// It would be waited for.
TEST(CampaignDirectory, AFifoInThePlaceOfAResultIsAnError) {
  const ScratchFolder folder;
  CampaignDirectory directory(folder.path());
  const Cell cell = made_cell("h2o", 0.9, 42, {1.5}).cell;
  ASSERT_EQ(::mkfifo(directory.cell_file(cell, "").c_str(), 0600), 0);
  const std::vector<Problem> problems = problems_of([&] { directory.load_cell(cell, "", "key"); });
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].where, directory.cell_file(cell, "").string());
}

TEST(CampaignDirectory, LogsOneLineAnEventWithTheTimeInUtc) {
  const ScratchFolder folder;
  CampaignDirectory directory(folder.path());
  directory.log_event({{"event", "begin"}, {"cells", 3}});
  directory.log_event({{"event", "cell"}, {"error", "two\nlines \xff"}});
  std::istringstream log(read_file(folder.path() / "events.jsonl"));
  std::vector<nlohmann::ordered_json> events;
  for (std::string line; std::getline(log, line);) {
    events.push_back(nlohmann::ordered_json::parse(line));
  }
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].at("cells"), 3);
  EXPECT_EQ(events[1].at("event"), "cell");
  const std::string time = events[0].at("time");
  ASSERT_EQ(time.size(), 20U) << time;
  EXPECT_EQ(time[10], 'T');
  EXPECT_EQ(time.back(), 'Z');
}

}  // namespace
}  // namespace pressroom::directory_test
