// What is known of a campaign before its plugins are.
#include <gtest/gtest.h>

#include <filesystem>

#include "config/preview.h"
#include "config_test_support.h"
#include "pressroom/error.h"

namespace pressroom::config_preview_test {
namespace {

namespace fs = std::filesystem;
using namespace config_test;

using Paths = std::vector<fs::path>;

TEST(CampaignPreview, AsksNoPluginAndPassesOverMistakes) {
  const ConfigFolder folder;
  fs::create_directory(folder.path() / "mine");
  const CampaignPreview preview = preview_campaign(
      folder.write("a.yaml",
                   "name: night\nmethods: [no_such_method]\nno_such_key: 1\n"
                   "tags: [paper, [x], 2026]\nplugin_dirs: [mine, nowhere, a.yaml, /usr]\n"
                   "on_end: notify-send done\n"),
      {});
  EXPECT_EQ(preview.name, "night");
  EXPECT_EQ(preview.usual_directory(), fs::path("results/night"));
  EXPECT_EQ(preview.tags, (std::vector<std::string>{"paper", "2026"}));
  EXPECT_EQ(preview.plugin_dirs, (Paths{folder.path() / "mine", "/usr"}));
  EXPECT_EQ(preview.on_end, "notify-send done");
}

TEST(CampaignPreview, IsOfTheModelsBlockAndTheFlags) {
  const ConfigFolder folder;
  for (const char* name : {"of_file", "of_model"}) fs::create_directory(folder.path() / name);
  const fs::path file =
      folder.write("a.yaml",
                   "name: a\nmodel: starter\nplugin_dirs: of_file\non_end: one\n"
                   "when_model:\n  starter: {plugin_dirs: of_model, on_end: two}\n");
  EXPECT_EQ(preview_campaign(file, {}).plugin_dirs, Paths{folder.path() / "of_model"});
  EXPECT_EQ(preview_campaign(file, {}).on_end, "two");
  EXPECT_EQ(preview_campaign(file, {set("model", "other")}).on_end, "one");
  const CampaignPreview flagged =
      preview_campaign(file, {set("plugin_dirs", "[.]"), set("on_end", "three"), set("name", "b")});
  EXPECT_EQ(flagged.plugin_dirs.size(), 1u);
  EXPECT_TRUE(fs::equivalent(flagged.plugin_dirs.at(0), fs::current_path()))
      << "a flag starts at the current folder";
  EXPECT_EQ(flagged.on_end, "three");
  EXPECT_EQ(flagged.usual_directory(), fs::path("results/b"));
}

TEST(CampaignPreview, IsEmptyWhereNothingIsSaid) {
  const ConfigFolder folder;
  for (const char* text : {"[a]\n", "word\n", "on_end:\n", "on_end: {a: b}\nplugin_dirs: {a: b}\n",
                           "on_end: [a, b]\ntags: {a: b}\n"}) {
    const CampaignPreview preview = preview_campaign(folder.write("a.yaml", text), {});
    EXPECT_EQ(preview.on_end, "") << text;
    EXPECT_TRUE(preview.plugin_dirs.empty()) << text;
    EXPECT_TRUE(preview.tags.empty()) << text;
  }
}

TEST(CampaignPreview, RefusesANameThatIsNoFolders) {
  const ConfigFolder folder;
  for (const char* text : {"model: starter\n", "name: ../x\n", "name: [a]\n", "name: ''\n"}) {
    const CampaignPreview preview = preview_campaign(folder.write("a.yaml", text), {});
    EXPECT_THROW(preview.usual_directory(), Error) << text;
  }
  EXPECT_THROW(preview_campaign(folder.path() / "nowhere.yaml", {}), Error);
}

}  // namespace
}  // namespace pressroom::config_preview_test
