// How a campaign says which version of a plugin it means.
#include <map>

#include "config/config.h"
#include "config_test_support.h"

namespace pressroom::config_test {
namespace {

// The campaign with `use` as its second method.
std::string with_method(const std::string& use) {
  return replaced(kGood, "{name: h2o, recent: 0.2}", use);
}

TEST(ConfigVersions, AreTheTextThatIsWritten) {
  const ConfigFolder folder;
  const std::map<std::string, std::string> asked_for = {
      {"h2o@1.2", "h2o@1.2"},
      {"{name: h2o@1.2.0}", "h2o@1.2.0"},
      {"{name: h2o, version: 1.2}", "h2o@1.2"},
      {"{name: h2o, version: 1}", "h2o@1"},
      {"{name: h2o, version: 1.10}", "h2o@1.10"},
      {"{name: h2o, version: 1.2.0}", "h2o@1.2.0"},
      {"{name: h2o, version: '1.10'}", "h2o@1.10"},
      {"{version: \"01.0\", name: h2o}", "h2o@01.0"},
  };
  for (const auto& [written, reference] : asked_for) {
    const CampaignConfig config = folder.load(with_method(written));
    const PluginUse& use = config.methods.at(2);
    EXPECT_EQ(use.name, reference) << written;
    EXPECT_EQ(use.plain_name(), "h2o") << written;
    EXPECT_EQ(use.label, "h2o") << written;
    EXPECT_EQ(use.values.at("recent"), ParameterValue(TokensOrFraction{0.5})) << written;
    const std::string frozen = to_yaml(config);
    EXPECT_EQ(to_yaml(folder.load(frozen)), frozen) << written;
    EXPECT_EQ(frozen.find("as: "), std::string::npos) << written;
  }
}

TEST(ConfigVersions, ReadTheSameHoweverTheyAreWritten) {
  const ConfigFolder folder;
  EXPECT_EQ(to_yaml(folder.load(with_method("{name: h2o, version: 1.2, recent: 8}"))),
            to_yaml(folder.load(with_method("{name: h2o@1.2, recent: 8}"))));
}

TEST(ConfigVersions, StandBesideReadersMetricsAndInnerMethods) {
  const ConfigFolder folder;
  std::string text = with_method(
      "{name: window, version: 2, threshold: 1, weights: w, inner: {name: h2o, version: 1.10}}");
  text = replaced(text, "{reader: text, ", "{reader: text, version: 3.0, ");
  text += "metrics: [perplexity@4, {name: cache, version: 5.1}]\n";
  const CampaignConfig config = folder.load(text);
  EXPECT_EQ(config.datasets.at(0).name, "text@3.0");
  EXPECT_EQ(config.datasets.at(0).label, "text");
  EXPECT_EQ(config.methods.at(2).name, "window@2");
  EXPECT_EQ(config.methods.at(2).inner.at("inner")->name, "h2o@1.10");
  EXPECT_EQ(config.metrics.at(0).name, "perplexity@4");
  EXPECT_EQ(config.metrics.at(1).name, "cache@5.1");
  EXPECT_EQ(labels(config.metrics), (Labels{"perplexity", "cache"}));
  const std::string frozen = to_yaml(config);
  EXPECT_EQ(to_yaml(folder.load(frozen)), frozen);
}

TEST(ConfigVersions, OfOneMethodStandSideBySideUnderLabels) {
  const ConfigFolder folder;
  const CampaignConfig config =
      folder.load(with_method("h2o@1.2, {name: h2o, version: 2, as: h2o_2}"));
  EXPECT_EQ(labels(config.methods), (Labels{"dense", "streaming_llm", "h2o", "h2o_2"}));
  const std::string error = folder.error_of(with_method("h2o@1.2, h2o@2"));
  EXPECT_TRUE(has(error, "two methods are called \"h2o\"")) << error;
  EXPECT_TRUE(has(error, "{name: h2o@2, as: h2o_2, ...}")) << error;
}

TEST(ConfigVersions, LeaveTheBaselineTheBaseline) {
  const ConfigFolder folder;
  EXPECT_EQ(labels(folder.load(with_method("dense@1")).methods),
            (Labels{"streaming_llm", "dense"}));
  EXPECT_TRUE(has(folder.error_of(with_method("{name: dense@1, as: other}")),
                  "dense goes by its own name"));
}

TEST(ConfigVersions, AreFoundByFlagsUnderThePlainName) {
  const ConfigFolder folder;
  const CampaignConfig config =
      folder.load(with_method("{name: h2o@1.2, recent: 8}"), {set("methods.h2o.recent", "16")});
  EXPECT_EQ(config.methods.at(2).values.at("recent"), ParameterValue(TokensOrFraction{16}));
  const CampaignConfig newer =
      folder.load(with_method("{name: h2o, version: 1.2}"), {set("methods.h2o.version", "1.10")});
  EXPECT_EQ(newer.methods.at(2).name, "h2o@1.10");
}

TEST(ConfigVersions, ThatAreNoneAreProblemsWithTheirPlace) {
  const ConfigFolder folder;
  for (const char* version : {"''", "[1]", "{}", "1..2", "1@2", "'1 2'", "~", "../1", "1."}) {
    const std::string error =
        folder.error_of(with_method(std::string("{name: h2o, version: ") + version + "}"));
    EXPECT_TRUE(has(error, "the version of h2o cannot be understood")) << version << '\n' << error;
    EXPECT_TRUE(has(error, "a.yaml:5:")) << error;
  }
  const std::string twice = folder.error_of(with_method("{name: h2o@1, version: 2}"));
  EXPECT_TRUE(has(twice, "two versions of h2o are asked for")) << twice;
}

}  // namespace
}  // namespace pressroom::config_test
