// What a campaign file says of itself: notes, tags, columns, margins, figures, groups, and where its
// plugins are.
#include <gtest/gtest.h>

#include "config/config.h"
#include "config_test_support.h"

namespace pressroom {
namespace {

using namespace config_test;

const std::string kSaid =
    "notes: |\n  a first try\n  of \"h2o\": # no comment\n"
    "tags: [paper, 2026]\n"
    "columns: [ece, perplexity]\n"
    "margins: {ece: 0.02, kl_p99.9: 1.5}\n"
    "report: {figures: {without: h2o, formats: [png]}}\n"
    "plugin_dirs: [mine, /usr]\n"
    "on_end: 'mail -s \"done\" lab'\n";

TEST(ConfigDescription, IsReadAndReadsBackTheSame) {
  ConfigFolder folder;
  std::filesystem::create_directory(folder.path() / "mine");
  const CampaignConfig config = folder.load(kGood + kSaid);
  const CampaignDescription& said = config.description;
  EXPECT_EQ(said.notes, "a first try\nof \"h2o\": # no comment\n");
  EXPECT_EQ(said.tags, (std::vector<std::string>{"paper", "2026"}));
  EXPECT_EQ(said.columns, (std::vector<std::string>{"ece", "perplexity"}));
  EXPECT_EQ(said.margins, (std::map<std::string, double>{{"ece", 0.02}, {"kl_p99.9", 1.5}}));
  EXPECT_EQ(said.without, std::vector<std::string>{"h2o"});
  EXPECT_EQ(said.formats, std::vector<std::string>{"png"});
  ASSERT_EQ(config.plugin_dirs.size(), 2U);
  EXPECT_EQ(config.plugin_dirs[0], folder.path() / "mine") << "relative to the folder of the file";
  EXPECT_EQ(config.plugin_dirs[1], "/usr");
  EXPECT_EQ(config.on_end, "mail -s \"done\" lab");
  const std::string yaml = to_yaml(config);
  EXPECT_EQ(to_yaml(folder.load(yaml)), yaml);
  EXPECT_EQ(folder.load(yaml).description.notes, said.notes);
}

TEST(ConfigDescription, IsNotInTheResolvedFileWhereNothingIsSaid) {
  const std::string yaml = to_yaml(ConfigFolder().load(kGood));
  for (const char* key :
       {"notes", "tags", "columns", "margins", "report", "plugin_dirs", "on_end", "group"}) {
    EXPECT_EQ(yaml.find(key), std::string::npos) << key;
  }
}

TEST(ConfigDescription, MistakesAreToldAtTheirPlace) {
  const std::pair<const char*, const char*> cases[] = {
      {"tags: []\n", "\"tags\" is empty"},
      {"tags: [a, a]\n", "\"tags\" holds a value twice"},
      {"margins: 0.1\n", "\"margins\" is not a mapping"},
      {"margins: {ece: 0}\n", "a margin of 0 is never met"},
      {"margins: {ece: many}\n", "\"margins.ece\" is not a number"},
      {"report: {figures: {without: [h20]}}\n", "no method is called \"h20\""},
      {"report: {figures: {formats: [gif]}}\n", "\"report.figures.formats\""},
      {"report: {figure: {}}\n", "unknown key \"figure\" of report"},
      {"without: [h2o]\n", "it belongs to \"report.figures\": move it there"},
      {"plugin_dirs: [., mine]\n", "a.yaml:7:18: a folder of plugins is not there"},
      {"plugin_dirs: a.yaml\n", "a.yaml:7:14: a folder of plugins is not there"},
      {"plugin_dirs: [mine, mine]\n", "\"plugin_dirs\" holds a value twice"},
  };
  for (const auto& [line, told] : cases) {
    const std::string error = ConfigFolder().error_of(kGood + line);
    EXPECT_NE(error.find(told), std::string::npos) << line << error;
  }
}

}  // namespace
}  // namespace pressroom
