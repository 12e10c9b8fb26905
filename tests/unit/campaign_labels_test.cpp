// What a config says for people, read back from the text of config.yaml.
#include "results/campaign_labels.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "pressroom/error.h"
#include "results/config_json.h"

namespace pressroom::campaign_labels_test {
namespace {

using Groups = std::map<std::string, std::string>;

CampaignLabels labels_of(const std::string& yaml) {
  return campaign_labels(config_json(yaml, "config.yaml"));
}

TEST(CampaignLabels, AreWhatTheConfigSays) {
  const CampaignLabels labels = labels_of(
      "name: night\n"
      "model: /data/models/pythia-70m\n"
      "notes: \"Before the fix.\\nSee the log.\\n\"\n"
      "tags: [paper, \"2026\"]\n"
      "datasets:\n"
      "  - {reader: text, path: a.txt, as: novels, group: prose}\n"
      "  - {reader: c4, group: web}\n"
      "methods:\n"
      "  - {name: dense}\n"
      "  - {name: \"my_press@1.2\", group: ours}\n"
      "  - {name: h2o, as: h2o_48, recent: 48, group: \"heavy hitters\"}\n");
  EXPECT_EQ(labels.name, "night");
  EXPECT_EQ(labels.model, "/data/models/pythia-70m");
  EXPECT_EQ(labels.notes, "Before the fix.\nSee the log.") << "the last line end is no line";
  EXPECT_EQ(labels.tags, (std::vector<std::string>{"paper", "2026"}));
  EXPECT_EQ(labels.dataset_groups, (Groups{{"novels", "prose"}, {"c4", "web"}}));
  EXPECT_EQ(labels.method_groups, (Groups{{"my_press", "ours"}, {"h2o_48", "heavy hitters"}}));
  EXPECT_TRUE(labels.has_tag("2026"));
  EXPECT_FALSE(labels.has_tag("pap"));
  EXPECT_EQ(group_of(labels.method_groups, "h2o_48"), "heavy hitters");
  EXPECT_EQ(group_of(labels.method_groups, "dense"), "");
}

TEST(CampaignLabels, AreEmptyWhereTheConfigSaysNothingOrSomethingElse) {
  for (const char* yaml : {"methods: h2o\ndatasets: {reader: text, group: prose}\n",
                           "notes: [a]\ntags: {a: b}\n", "notes:\ntags:\nmethods:\ndatasets:\n",
                           "methods: [h2o, [x], {group: nameless}]\n", "[a, b]\n", "word\n"}) {
    const CampaignLabels labels = labels_of(yaml);
    EXPECT_EQ(labels.name + labels.model + labels.notes, "") << yaml;
    EXPECT_TRUE(labels.tags.empty()) << yaml;
    EXPECT_TRUE(labels.method_groups.empty()) << yaml;
    EXPECT_TRUE(labels.dataset_groups.empty()) << yaml;
  }
  EXPECT_EQ(labels_of("tags: paper\n").tags, std::vector<std::string>{"paper"});
}

TEST(CampaignLabels, CallAModelByTheLastPartOfItsPath) {
  const std::pair<const char*, const char*> kNames[] = {
      {"starter", "starter"},
      {"EleutherAI/pythia-70m", "EleutherAI/pythia-70m"},
      {"/data/models/pythia-70m", "pythia-70m"},
      {"/data/models/pythia-70m//", "pythia-70m"},
      {"/m.gguf", "m.gguf"},
      {"/", "/"},
      {"", ""}};
  for (const auto& [model, name] : kNames) EXPECT_EQ(short_model_name(model), name) << model;
}

TEST(ConfigJson, NamesTheFileOfEveryMistake) {
  EXPECT_EQ(config_json("seeds: [42, true]\n", "c.yaml").dump(), R"({"seeds":["42","true"]})");
  try {
    config_json("a: 1\na: 2\nb: !!x 1\n", "results/x/config.yaml");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.problems().size(), 2u);
    EXPECT_NE(std::string(error.what()).find("results/x/config.yaml:2"), std::string::npos);
  }
}

}  // namespace
}  // namespace pressroom::campaign_labels_test
