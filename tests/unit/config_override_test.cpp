#include "config_test_support.h"

namespace pressroom::config_override_test {
namespace {

using namespace config_test;

TEST(ConfigOverride, SetsValuesMadeOrReplaced) {
  const CampaignConfig config = ConfigFolder().load(
      kGood, {set("protocol.context", "[8, 16]"), set("seeds", "7"), set("seeds.1", "8"),
              set("methods.0.n_sink", "1"), set("methods.h2o.recent", "0.75"),
              set("methods.2", "knorm"), set("metrics", "[cache]"), set("name", "b")});
  EXPECT_EQ(config.protocol.context, (std::vector<std::int64_t>{8, 16}));
  EXPECT_EQ(config.seeds, (std::vector<std::uint64_t>{7, 8}));
  EXPECT_EQ(config.methods.at(1).values.at("n_sink"), ParameterValue(std::int64_t{1}));
  EXPECT_EQ(config.methods.at(2).values.at("recent"), ParameterValue(TokensOrFraction{0.75}));
  EXPECT_EQ(config.methods.at(3).name, "knorm");
  EXPECT_EQ(labels(config.metrics), (Labels{"cache"}));
  EXPECT_EQ(config.name, "b");
}

TEST(ConfigOverride, OfBudgetTakesThePlaceOfSparsityInTheFile) {
  const ConfigFolder folder;
  const CampaignConfig by_budget = folder.load(kGood, {set("budget", "16")});
  EXPECT_TRUE(by_budget.sparsity.empty());
  EXPECT_EQ(by_budget.budget, (std::vector<std::int64_t>{16}));
  const std::string other = std::string(kGoodConfig) + "compression_ratio: 0.5\n";
  EXPECT_EQ(folder.load(other, {set("sparsity", "0.25")}).sparsity, (std::vector<double>{0.25}));
  const CampaignConfig by_match = folder.load(kGood, {set("match.to", "h2o")});
  EXPECT_TRUE(by_match.sparsity.empty());
  EXPECT_EQ(by_match.match->to, "h2o");
  EXPECT_EQ(folder.error_of(kGood, {set("budget", "16"), set("sparsity", "0.5")}),
            "--set sparsity=0.5: \"sparsity\" and \"budget\" are both given\n"
            "  expected: one of the two\n"
            "  got:      the other is at --set budget=16\n"
            "  do:       remove one: a budget is context * (1 - sparsity)");
}

TEST(ConfigOverride, RefusesAPathThatIsDeeperThanAnyKey) {
  std::string path = "methods";
  for (int i = 0; i < 50000; ++i) path += ".a";
  const Override flag = {path, "1", "--set methods.a..."};
  EXPECT_EQ(ConfigFolder().error_of(kGood, {flag}),
            "--set methods.a...: the path goes deeper than any key\n"
            "  expected: at most 64 keys and dots between them\n"
            "  got:      50001 keys\n"
            "  do:       see what there is: pressroom show config");
}

TEST(ConfigOverride, NamesTheFlagInEveryMessage) {
  const ConfigFolder folder;
  const std::pair<Override, const char*> cases[] = {
      {set("protocl.context", "8"), "unknown key \"protocl\""},
      {set("protocol.contxt", "8"), "unknown key \"contxt\" of protocol"},
      {set("protocol.context", "many"), "\"protocol.context\" is not an integer"},
      {set("methods.h2o.rcent", "1"), "unknown key \"rcent\" of h2o"},
      {set("methods.h20.recent", "1"), "no item of the list is called \"h20\""},
      {set("methods.9.recent", "1"), "there is no item 9 in the list"},
      {set("methods.99999999999999999999", "1"),
       "there is no item 99999999999999999999 in the list"},
      {set("name.x", "1"), "there is nothing called \"x\" to set"},
      {set("protocol..context", "1"), "the path names no key"},
      {set("seeds", "[1"), "a bracket is never closed"},
      {set("seeds", ""), "the value is empty"},
      {set("seeds", "1\n---\n2"), "a second document begins here"}};
  for (const auto& [flag, what] : cases) {
    const std::string text = folder.error_of(kGood, {flag});
    EXPECT_EQ(text.substr(0, text.find("\n  ")), flag.origin + ": " + what);
  }
}

TEST(ConfigOverride, ReportsFileAndFlagsTogetherInOrder) {
  const std::string text = ConfigFolder().error_of(replaced(kGood, "documents: 2", "documents: 0"),
                                                   {set("b.c", "1"), set("seeds", "-1")});
  const std::size_t file = text.find("a.yaml:3:36: \"protocol.documents\" is out of range");
  const std::size_t first = text.find("--set b.c=1: unknown key \"b\"");
  const std::size_t second = text.find("--set seeds=-1: \"seeds\" is out of range");
  EXPECT_LT(file, first) << text;
  EXPECT_LT(first, second) << text;
  EXPECT_NE(second, std::string::npos) << text;
}

// A list of bare names, or one of them: a parameter makes a mapping of it, of the kind it stands in.
TEST(ConfigOverride, GivesABareNameItsParameter) {
  for (const std::string datasets : {"[text]", "text"}) {
    const std::string good = replaced(kGood, "{reader: text, path: a.txt}", datasets);
    const CampaignConfig config = ConfigFolder().load(
        good, {set("datasets.text.path", "b.txt"), set("methods.streaming_llm.n_sink", "2")});
    EXPECT_EQ(labels(config.datasets), (Labels{"text"}));
    EXPECT_EQ(config.methods.at(1).values.at("n_sink"), ParameterValue(std::int64_t{2}));
  }
}

// The label that a method has by default, its kv_dtype in it.
TEST(ConfigOverride, FindsAMethodByTheKvDtypeInItsLabel) {
  const std::string good = replaced(kGood, "[streaming_llm, {name: h2o, recent: 0.2}]",
                                    "[h2o, {name: h2o, kv_dtype: q8}, {name: h2o, kv_dtype: q8, "
                                    "as: small}]");
  const CampaignConfig config =
      ConfigFolder().load(good, {set("methods.h2o.recent", "1"), set("methods.h2o_q8.recent", "2"),
                                 set("methods.small.recent", "3"), set("match.to", "h2o_q8")});
  EXPECT_EQ(labels(config.methods), (Labels{"dense", "h2o", "h2o_q8", "small"}));
  for (std::size_t i = 1; i <= 3; ++i) {
    EXPECT_EQ(config.methods[i].values.at("recent"),
              ParameterValue(TokensOrFraction{static_cast<double>(i)}));
  }
  EXPECT_EQ(config.match->to, "h2o_q8");
  EXPECT_NE(ConfigFolder()
                .error_of(good, {set("methods.h2o_q9.recent", "2")})
                .find("do:       did you mean \"h2o_q8\"?"),
            std::string::npos);
}

TEST(ConfigOverride, FindsAMethodByTheConstraintsInItsLabel) {
  const std::string good = replaced(kGood, "[streaming_llm, {name: h2o, recent: 0.2}]",
                                    "[h2o, {name: h2o, evict_in_blocks: 16}, {name: h2o, kv_dtype: "
                                    "q8, heads: together, append_only: true}]");
  const CampaignConfig config = ConfigFolder().load(
      good, {set("methods.h2o.recent", "1"), set("methods.h2o_blocks16.recent", "2"),
             set("methods.h2o_q8_together_append_only.recent", "3")});
  for (std::size_t i = 1; i <= 3; ++i) {
    EXPECT_EQ(config.methods[i].values.at("recent"),
              ParameterValue(TokensOrFraction{static_cast<double>(i)}));
  }
}

TEST(ConfigOverride, FindsTheOneItemThatStandsForAList) {
  const CampaignConfig config =
      ConfigFolder().load(replaced(kGood, "[streaming_llm, {name: h2o, recent: 0.2}]", "h2o"),
                          {set("methods.h2o.recent", "8"), set("datasets.text.as", "t")});
  EXPECT_EQ(config.methods.at(1).values.at("recent"), ParameterValue(TokensOrFraction{8}));
  EXPECT_EQ(labels(config.datasets), (Labels{"t"}));
}

}  // namespace
}  // namespace pressroom::config_override_test
