// What has changed between two configs, key by key and in words.
#include "campaign/config_difference.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "results/config_json.h"

namespace pressroom::config_difference_test {
namespace {

using Words = std::vector<std::string>;

constexpr const char* kBefore = R"(name: paper
model: /models/pythia
protocol:
  kind: stream
  context: [512, 1024]
  documents: 4
datasets:
  - {reader: text, as: books, path: /texts/books.txt}
  - {reader: text, as: papers, path: /texts/papers.txt}
methods:
  - {name: dense}
  - {name: h2o, recent: 0.5}
  - {name: rerotate, as: turned, press: {name: knorm, keep: [1, 2]}}
sparsity: [0.5, 0.9]
seeds: [1, 2]
metrics:
  - {name: perplexity}
engine: auto
device: cpu
dtype: float32
threads: 0
)";

// `text` with the first `from` replaced.
std::string with(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return std::string(text).replace(at, from.size(), to);
}

ConfigDifference difference(const std::string& before, const std::string& now) {
  return config_difference(config_json(before, "before"), config_json(now, "now"), "x/config.yaml");
}

struct Case {
  const char* from;
  const char* to;
  Words changes;
};

TEST(ConfigDifference, IsSaidKeyByKey) {
  const Case cases[] = {
      {"recent: 0.5", "recent: 0.3", {"h2o.recent 0.5 -> 0.3"}},
      {"{name: h2o, recent: 0.5}",
       "{name: h2o, recent: 0.5}\n  - {name: snapkv}",
       {"methods: snapkv added"}},
      {"  - {name: h2o, recent: 0.5}\n", "", {"methods: h2o removed"}},
      {"{name: h2o, recent: 0.5}", "{name: h2o, as: heavy, recent: 0.5}", {"label h2o -> heavy"}},
      {"{name: h2o, recent: 0.5}",
       "{name: h2o, as: heavy, recent: 0.3}",
       {"methods: heavy added", "methods: h2o removed"}},
      {"{name: h2o, recent: 0.5}",
       "{name: h2o, positions: cache_index, recent: 0.5}",
       {"h2o.positions nothing -> cache_index"}},
      {"{name: h2o, recent: 0.5}", "{name: h2o@1.2, recent: 0.5}", {"h2o: plugin h2o -> h2o@1.2"}},
      {"keep: [1, 2]", "keep: [1, 3]", {"turned.press.keep [1, 2] -> [1, 3]"}},
      {"{name: knorm,", "{name: snapkv,", {"turned.press: plugin knorm -> snapkv"}},
      {"as: papers", "as: articles", {"label papers -> articles"}},
      {"  - {reader: text, as: papers, path: /texts/papers.txt}\n",
       "",
       {"datasets: papers removed"}},
      {"{reader: text, as: papers", "{reader: c4, as: papers", {"papers: reader text -> c4"}},
      {"/texts/papers.txt",
       "/moved/papers.txt",
       {"papers.path /texts/papers.txt -> /moved/papers.txt"}},
      {"context: [512, 1024]",
       "context: [512, 2048, 4096]",
       {"protocol.context 2048, 4096 added", "protocol.context 1024 removed"}},
      {"sparsity: [0.5, 0.9]", "sparsity: [0.9]", {"sparsity 0.5 removed"}},
      {"seeds: [1, 2]", "seeds: [1, 2, 3]", {"seeds 3 added"}},
      {"{name: perplexity}", "{name: perplexity}\n  - {name: cache}", {"metrics: cache added"}},
      {"engine: auto", "engine: decode", {"engine auto -> decode"}},
      {"engine: auto", "engine: auto\npositions: original", {"positions nothing -> original"}}};
  for (const Case& one : cases) {
    SCOPED_TRACE(one.to);
    const ConfigDifference found = difference(kBefore, with(kBefore, one.from, one.to));
    EXPECT_EQ(texts_of(found.changes), one.changes);
    EXPECT_TRUE(found.problems.empty());
  }
}

TEST(ConfigDifference, KnowsLabelsThatWereSwapped) {
  const auto labelled = [](const std::string& h2o, const std::string& rerotate) {
    const std::string one = with(kBefore, "{name: h2o,", "{name: h2o, as: " + h2o + ',');
    return with(one, "as: turned", "as: " + rerotate);
  };
  EXPECT_EQ(texts_of(difference(labelled("a", "b"), labelled("b", "a")).changes),
            (Words{"label a -> b", "label b -> a"}));
}

TEST(ConfigDifference, TellsWhatEveryCellIsMadeFromFromWhatIsOtherCells) {
  const std::string engine = with(kBefore, "engine: auto", "engine: replay");
  const ConfigDifference found = difference(kBefore, with(engine, "recent: 0.5", "recent: 0.3"));
  ASSERT_EQ(found.changes.size(), 2U);
  EXPECT_FALSE(found.changes[0].of_all);
  EXPECT_TRUE(found.changes[1].of_all);
}

TEST(ConfigDifference, NamesTheMethodThatAChangeIsOf) {
  const ConfigDifference found = difference(
      kBefore, with(with(kBefore, "recent: 0.5", "recent: 0.3"), "engine: auto", "engine: replay"));
  ASSERT_EQ(found.changes.size(), 2U);
  EXPECT_EQ(found.changes[0].method, "h2o");
  EXPECT_EQ(found.changes[1].method, "");
}

TEST(ConfigDifference, IsNoneInWhatSaysNothingOfTheNumbers) {
  const std::pair<const char*, const char*> cases[] = {
      {"name: paper", "name: report"},
      {"threads: 0", "threads: 4"},
      {"threads: 0", "notes: why\ntags: [a]\ncolumns: [ece]\non_end: mail"},
      {"threads: 0", "margins:\n  ece: 0.1\nreport:\n  figures:\n    without: [h2o]"},
      {"threads: 0", "outputs: [ppl_results]\nplugin_dirs: [/presses]\nretries: 3"},
      {"threads: 0", "limits: {seconds: 3}\nbeyond_positions: true\ntraces: true"},
      {"{name: h2o, recent", "{name: h2o, group: ours, recent"},
      {"sparsity: [0.5, 0.9]", "sparsity: [0.9, 0.5]"},
      {"  - {name: dense}\n  - {name: h2o, recent: 0.5}\n",
       "  - {name: h2o, recent: 0.5}\n  - {name: dense}\n"}};
  for (const auto& [from, to] : cases) {
    SCOPED_TRACE(to);
    const ConfigDifference found = difference(kBefore, with(kBefore, from, to));
    EXPECT_FALSE(found.needs_extension()) << texts_of(found.changes).at(0);
  }
}

TEST(ConfigDifference, RefusesWhatIsAnotherCampaign) {
  struct Refused {
    const char* from;
    const char* to;
    const char* what;
    const char* where;
  };
  const Refused cases[] = {
      {"/models/pythia", "/models/other", "another model is another campaign", "model"},
      {"dtype: float32", "dtype: bfloat16", "weights held in another way are another campaign",
       "dtype"},
      {"device: cpu", "device: cuda", "another device is another campaign", "device"},
      {"kind: stream", "kind: prefill", "another protocol is another campaign", "protocol.kind"},
      {"kind: stream", "kind: stream\n  step: 4", "another protocol is another campaign",
       "protocol.step"},
      {"documents: 4", "documents: 5", "another number of documents is another campaign",
       "protocol.documents"},
      {"sparsity: [0.5, 0.9]", "budget: [64]",
       "a campaign by budget cannot go on where one by sparsity was run", "sparsity, budget"},
      {"sparsity: [0.5, 0.9]", "match:\n  to: dms",
       "a campaign by match cannot go on where one by sparsity was run", "sparsity, match"}};
  for (const Refused& one : cases) {
    SCOPED_TRACE(one.to);
    const ConfigDifference found = difference(kBefore, with(kBefore, one.from, one.to));
    ASSERT_EQ(found.problems.size(), 1U);
    EXPECT_EQ(found.problems[0].what, one.what);
    EXPECT_EQ(found.problems[0].where, std::string("x/config.yaml: ") + one.where);
    EXPECT_EQ(found.problems[0].fix, "choose another directory with --out");
    EXPECT_TRUE(found.needs_extension());
  }
}

}  // namespace
}  // namespace pressroom::config_difference_test
