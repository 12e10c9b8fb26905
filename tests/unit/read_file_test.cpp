#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/whole_file.h"
#include "campaign_writer.h"
#include "pressroom/error.h"
#include "result_builder.h"
#include "results/stored_campaign.h"
#include "scratch_folder.h"

namespace pressroom::read_file_test {
namespace {

TEST(ReadFile, GivesEveryByteOfARegularFile) {
  const ScratchFolder folder;
  const std::string bytes = std::string(200000, 'x') + std::string("\0\n\xff", 3);
  std::ofstream(folder.path() / "file", std::ios::binary) << bytes;
  std::string why;
  EXPECT_EQ(read_regular_file(folder.path() / "file", why), bytes);
  EXPECT_EQ(why, "");
}

TEST(ReadFile, SaysWhatStandsInAFilesPlaceAndWaitsForNothing) {
  const ScratchFolder folder;
  ASSERT_EQ(::mkfifo((folder.path() / "pipe").c_str(), 0644), 0);
  const std::pair<std::filesystem::path, const char*> kCases[] = {
      {folder.path() / "nothing", "no such file"},
      {folder.path(), "a folder"},
      {folder.path() / "pipe", "a pipe"},
      {"/dev/zero", "a device"}};
  for (const auto& [path, words] : kCases) {
    std::string why;
    EXPECT_EQ(read_regular_file(path, why), std::nullopt) << path;
    EXPECT_EQ(why, words);
    EXPECT_EQ(text_of_file(path), "");
  }
}

TEST(ReadCampaign, APipeInAFilesPlaceIsRefusedAndNotWaitedFor) {
  const std::vector<CellResult> results = {made_cell("dense", 0, 42, {1, 2}),
                                           made_cell("h2o", 0.5, 42, {1.1, 2.1})};
  for (const char* name :
       {"h2o_s0.5_ctx1024_seed42.json", "plan.json", "config.yaml", "provenance.json"}) {
    const ScratchFolder folder;
    write_campaign(folder.path(), "made", results);
    std::filesystem::remove(folder.path() / name);
    ASSERT_EQ(::mkfifo((folder.path() / name).c_str(), 0644), 0);
    try {
      read_campaign(folder.path());
      FAIL() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.problems().front().got, "a pipe") << name;
    }
  }
  const ScratchFolder folder;
  write_campaign(folder.path(), "made", results);
  ASSERT_EQ(::mkfifo((folder.path() / ".lock").c_str(), 0644), 0);
  EXPECT_FALSE(read_campaign(folder.path()).running);
}

}  // namespace
}  // namespace pressroom::read_file_test
