#include "config_test_support.h"

namespace pressroom::when_model_test {
namespace {

using namespace config_test;

// The folder's own model directory, so that a model other than the starter can be named.
struct TwoModels {
  TwoModels() { folder.write("tiny/config.json", "{}"); }
  CampaignConfig load(const std::string& block, const std::vector<Override>& flags = {}) const {
    return folder.load(kGood + "when_model:\n" + block, flags);
  }
  std::string error_of(const std::string& block, const std::vector<Override>& flags = {}) const {
    return folder.error_of(kGood + "when_model:\n" + block, flags);
  }
  ConfigFolder folder;
};

std::string first_line(const std::string& text) { return text.substr(0, text.find("\n  ")); }

TEST(WhenModel, SetsValuesForTheModelOfTheFile) {
  const CampaignConfig config = TwoModels().load(
      "  starter:\n    protocol.context: [8, 16]\n    protocol.documents: 1\n"
      "    methods.h2o.recent: 0.75\n    seeds: [7]\n"
      "  tiny:\n    protocol.context: 32\n");
  EXPECT_EQ(config.protocol.context, (std::vector<std::int64_t>{8, 16}));
  EXPECT_EQ(config.protocol.documents, 1);
  EXPECT_EQ(config.methods.at(2).values.at("recent"), ParameterValue(TokensOrFraction{0.75}));
  EXPECT_EQ(config.seeds, (std::vector<std::uint64_t>{7}));
}

TEST(WhenModel, FollowsTheModelOfTheLastFlag) {
  const TwoModels models;
  const std::string block =
      "  starter: {protocol.context: 8}\n  tiny: {protocol.context: 16}\n"
      "  \"Qwen/Qwen2.5-7B\": {protocol.context: 32}\n";
  const std::string tiny = (models.folder.path() / "tiny").string();
  EXPECT_EQ(models.load(block).protocol.context.front(), 8);
  EXPECT_EQ(
      models.load(block, {set("model", tiny), set("model", "starter")}).protocol.context.front(),
      8);
  // A path is another name than the one that the block has.
  EXPECT_EQ(models.load(block, {set("model", tiny)}).protocol.context.front(), 64);
  EXPECT_EQ(models.folder.load(replaced(kGood, "starter", "tiny") + "when_model:\n" + block)
                .protocol.context.front(),
            16);
}

TEST(WhenModel, ComesAfterTheFileAndBeforeTheFlags) {
  const CampaignConfig config = TwoModels().load(
      "  starter: {protocol.context: 8, protocol.documents: 5}\n", {set("protocol.context", "16")});
  EXPECT_EQ(config.protocol.context.front(), 16);
  EXPECT_EQ(config.protocol.documents, 5);
}

TEST(WhenModel, StartsItsPathsAtTheFolderOfTheFile) {
  const TwoModels models;
  const CampaignConfig config =
      models.load("  starter: {datasets: [{reader: text, path: ../b.txt}]}\n");
  EXPECT_EQ(std::get<std::string>(config.datasets.at(0).values.at("path")),
            (models.folder.path().parent_path() / "b.txt").string());
}

TEST(WhenModel, TakesTheRivalsOfAKeyAway) {
  const TwoModels models;
  const CampaignConfig by_budget = models.load("  starter: {budget: [8, 16]}\n");
  EXPECT_TRUE(by_budget.sparsity.empty());
  EXPECT_EQ(by_budget.budget, (std::vector<std::int64_t>{8, 16}));
  const CampaignConfig by_match = models.load("  starter: {match.to: h2o}\n");
  EXPECT_TRUE(by_match.sparsity.empty());
  EXPECT_EQ(by_match.match->to, "h2o");
  const CampaignConfig by_flag = models.load("  starter: {budget: 8}\n", {set("sparsity", "0.25")});
  EXPECT_TRUE(by_flag.budget.empty());
  EXPECT_EQ(by_flag.sparsity, (std::vector<double>{0.25}));
  EXPECT_EQ(first_line(models.error_of("  starter: {budget: 8, sparsity: 0.5}\n")),
            "a.yaml:8:24: \"sparsity\" and \"budget\" are both given");
}

TEST(WhenModel, IsAppliedAndGoneInTheResolvedConfig) {
  const CampaignConfig config = TwoModels().load("  starter: {protocol.context: 8}\n");
  const std::string frozen = to_yaml(config);
  EXPECT_EQ(frozen.find("when_model"), std::string::npos);
  EXPECT_EQ(to_yaml(ConfigFolder().load(frozen)), frozen);
  EXPECT_NE(frozen.find("context: [8]"), std::string::npos) << frozen;
}

TEST(WhenModel, SaysWhereABlockIsWrongWhetherItIsUsedOrNot) {
  const TwoModels models;
  const std::pair<const char*, const char*> cases[] = {
      {"  starter: {protocl.context: 8}\n", "a.yaml:8:13: unknown key \"protocl\""},
      {"  tiny: {protocl.context: 8}\n", "a.yaml:8:10: unknown key \"protocl\""},
      {"  starter: {protocol.contxt: 8}\n", "a.yaml:8:13: unknown key \"contxt\" of protocol"},
      {"  tiny: {protocol.contxt: 8}\n", "a.yaml:8:10: unknown key \"contxt\" of protocol"},
      {"  tiny: {methods.h20.recent: 8}\n", "a.yaml:8:10: no item of the list is called \"h20\""},
      {"  starter: {methods.h2o.rcent: 8}\n", "a.yaml:8:13: unknown key \"rcent\" of h2o"},
      {"  starter: {protocol.context: many}\n",
       "a.yaml:8:31: \"protocol.context\" is not an integer"},
      {"  tiny: {model: starter}\n", "a.yaml:8:10: \"when_model\" cannot set \"model\""},
      {"  starter: {model: tiny}\n", "a.yaml:8:13: \"when_model\" cannot set \"model\""},
      {"  tiny: {when_model.a: 1}\n", "a.yaml:8:10: \"when_model\" cannot set \"when_model\""},
      {"  tiny: 8\n", "a.yaml:8:9: \"when_model\" of tiny is not a mapping"},
      {"  tiny:\n", "a.yaml:8:3: \"when_model\" of tiny is not a mapping"},
      {"  - tiny\n", "a.yaml:8:3: \"when_model\" is not a mapping"},
      {"  tiny: {protocol..context: 8}\n", "a.yaml:8:10: the path names no key"},
      {"  starer: {seeds: 1}\n", "a.yaml:8:3: \"when_model\" names no model that there is"}};
  for (const auto& [block, line] : cases) {
    EXPECT_EQ(first_line(models.error_of(block)), line) << block;
  }
}

TEST(WhenModel, CannotBeSetByAFlag) {
  EXPECT_EQ(first_line(TwoModels().error_of("  starter: {seeds: 1}\n",
                                            {set("when_model.starter.seeds", "2")})),
            "--set when_model.starter.seeds=2: \"when_model\" cannot be set by a flag");
}

}  // namespace
}  // namespace pressroom::when_model_test
