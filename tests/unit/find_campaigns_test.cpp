// Which directories below a folder are campaigns.
#include "results/find_campaigns.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <vector>

#include "campaign_writer.h"
#include "scratch_folder.h"
#include "study_results.h"

namespace pressroom::find_campaigns_test {
namespace {

namespace fs = std::filesystem;

std::vector<CellResult> one_cell() { return {study_cell("dense", 0, 42, {1, 2}, 10)}; }

// Paths below `folder`, as text.
std::vector<std::string> found_below(const fs::path& folder) {
  std::vector<std::string> names;
  for (const fs::path& path : find_campaigns({folder}).directories) {
    names.push_back(path.lexically_relative(folder).generic_string());
  }
  return names;
}

TEST(FindCampaigns, LooksAtAnyDepthAndWithinCampaigns) {
  const ScratchFolder folder;
  for (const char* place : {"b", "b/c/deep/er", "a", "b/history/1"}) {
    write_campaign(folder.path() / place, "x", one_cell());
  }
  fs::create_directories(folder.path() / "empty/folder");
  EXPECT_EQ(found_below(folder.path()), (std::vector<std::string>{"a", "b", "b/c/deep/er"}))
      << "what a campaign was before is no campaign";
  EXPECT_EQ(found_below(folder.path() / "b"), (std::vector<std::string>{".", "c/deep/er"}));
}

TEST(FindCampaigns, FollowsLinksOnceAndNotInCircles) {
  const ScratchFolder folder;
  const ScratchFolder elsewhere;
  write_campaign(folder.path() / "in/x", "x", one_cell());
  write_campaign(elsewhere.path() / "y", "y", one_cell());
  fs::create_directory_symlink(folder.path(), folder.path() / "in/up");
  fs::create_directory_symlink(folder.path() / "in/x", folder.path() / "a_link_to_x");
  fs::create_directory_symlink(elsewhere.path(), folder.path() / "far");
  fs::create_directory_symlink(elsewhere.path(), folder.path() / "far_again");
  fs::create_directory_symlink("nowhere", folder.path() / "broken");
  EXPECT_EQ(found_below(folder.path()), (std::vector<std::string>{"far/y", "in/x"}));
}

TEST(FindCampaigns, TellsCampaignsFromOtherFolders) {
  const struct {
    std::vector<std::string> files;
    std::string plan;
    bool is_one;
  } kCases[] = {
      {{"plan.json"}, R"({"schema": "pressroom.plan/1")", true},
      {{"plan.json"}, R"({"schema": "terraform.plan/1")", false},
      {{"plan.json"}, "", false},
      {{"plan.json", "config.yaml"}, "", true},
      {{"config.yaml"}, "", false},
      {{"config.yaml", "events.jsonl"}, "", true},
      {{"events.jsonl"}, "", false},
      {{}, "", false},
  };
  for (const auto& each : kCases) {
    const ScratchFolder folder;
    for (const std::string& name : each.files) {
      std::ofstream(folder.path() / name) << (name == "plan.json" ? each.plan : "");
    }
    EXPECT_EQ(is_campaign(folder.path()), each.is_one)
        << (each.files.empty() ? "" : each.files.back()) << " " << each.plan;
  }
}

TEST(FindCampaigns, SaysWhichFolderCouldNotBeLookedInto) {
  const ScratchFolder folder;
  write_campaign(folder.path() / "x", "x", one_cell());
  const fs::path closed = folder.path() / "closed";
  fs::create_directory(closed);
  fs::permissions(closed, fs::perms::none);
  const FoundCampaigns found = find_campaigns({folder.path()});
  fs::permissions(closed, fs::perms::owner_all);
  EXPECT_EQ(found.directories.size(), 1u);
  if (::geteuid() != 0) {
    ASSERT_EQ(found.unreadable.size(), 1u);
    EXPECT_EQ(found.unreadable[0].where, closed.string());
  }
}

TEST(FindCampaigns, RefusesWhatIsNoFolder) {
  const ScratchFolder folder;
  std::ofstream(folder.path() / "file") << "x";
  for (const char* name : {"file", "nothing"}) {
    EXPECT_THROW(find_campaigns({folder.path() / name}), Error) << name;
  }
  EXPECT_TRUE(find_campaigns({}).directories.empty());
}

}  // namespace
}  // namespace pressroom::find_campaigns_test
