// The studies' methods beyond their hand examples: what they refuse, what they share, and what one
// of them becomes at the edge of its parameters.
#include <gtest/gtest.h>

#include <cmath>

#include "../../plugins/methods/cab_v3/key_graph.h"
#include "../../plugins/methods/sepllm/separators.h"
#include "fake_head_view.h"
#include "stream_test_support.h"

namespace pressroom::study_methods_test {
namespace {

using Given = std::map<std::string, ParameterValue>;

Given with_ids(Given given) {
  given["separator_ids"] = Indices{3, 7, 11};
  return given;
}

struct Configured {
  std::string name;
  Given given;
};

std::vector<Configured> study_methods() {
  const ParameterValue no_sinks = std::int64_t{0};
  return {
      {"h2o", {}},
      {"h2o_20_80", {}},
      {"lazy_h2o", {{"n_sink", no_sinks}}},
      {"local_strided", {}},
      {"local_strided", {{"stride", std::int64_t{2}}, {"local_window", TokensOrFraction{0.25}}}},
      {"sepllm", with_ids({{"n_sink", no_sinks}, {"local", TokensOrFraction{0.3}}})},
      {"unified", with_ids({{"n_sink", no_sinks}})},
      {"lazy_unified", with_ids({{"n_sink", no_sinks}})},
      {"cab", {}},
      {"cab", {{"eviction_interval", std::int64_t{3}}}},
      {"cab_v3", {}},
      {"cab_v4", {}},
      {"cab_v4", {{"n_sink", std::int64_t{1}}, {"direction", std::string("low")}}},
      {"observed_attention", {}},
      {"random", {}},
      {"random", {{"redraw", true}}}};
}

TEST(StudyMethods, LiveOnCachesOfAnySize) {
  const TinyModel tiny(TinyShape(), RandomKey(31));
  const Indices ids = random_ids(14, tiny.shape(), RandomKey(32));
  for (const Configured& c : study_methods()) {
    for (const std::int64_t budget : {2, 3, 5, 14}) {
      const auto method = plugin_method(c.name, c.given);
      for (const Engine engine : {Engine::kReplay, Engine::kDecode}) {
        const DocumentRun run =
            run_documents(engine, tiny.model(), *method, settings_of(*method, budget),
                          {{"document", ids}}, RunControl())
                .front();
        const auto most = static_cast<std::size_t>(budget + method->plan(budget).interval - 1);
        EXPECT_LE(run.kept[0][0].size(), most) << c.name << ", budget " << budget;
        for (const double nll : run.nll_nats) ASSERT_TRUE(std::isfinite(nll)) << c.name;
      }
    }
  }
}

TEST(StudyMethods, ShareAsTheyAreTold) {
  for (const char* name : {"h2o", "h2o_20_80", "lazy_h2o", "unified", "lazy_unified", "cab",
                           "cab_v3", "cab_v4", "random"}) {
    const std::pair<const char*, Share> cases[] = {
        {"kv_head", Share::kKvHead}, {"layer", Share::kLayer}, {"model", Share::kModel}};
    for (const auto& [word, share] : cases) {
      const auto method = plugin_method(name, {{"share", std::string(word)}});
      const EvictionPlan plan = method->plan(100);
      EXPECT_EQ(plan.share, share) << name;
      EXPECT_EQ(plan.couples_layers, share == Share::kModel) << name;
    }
    EXPECT_EQ(plugin_method(name)->plan(100).share, Share::kKvHead) << name;
  }
}

TEST(StudyMethods, HoldTheSameEntriesWhereTheyShare) {
  const TinyModel tiny(TinyShape(), RandomKey(33));
  const Indices ids = random_ids(24, tiny.shape(), RandomKey(34));
  for (const Configured& c : study_methods()) {
    Given given = c.given;
    given["share"] = std::string("model");
    std::unique_ptr<Method> method;
    const std::vector<ParameterSpec> specs = plugin_method(c.name)->describe().parameters;
    if (std::none_of(specs.begin(), specs.end(), [](const auto& s) { return s.name == "share"; })) {
      continue;
    }
    method = plugin_method(c.name, given);
    const DocumentRun run = run_one(tiny.model(), *method, settings_of(*method, 8), ids);
    for (const auto& layer : run.kept) {
      for (const auto& head : layer) EXPECT_EQ(head, run.kept[0][0]) << c.name;
    }
  }
}

TEST(StudyMethods, RefuseRegionsBeyondTheBudget) {
  struct Case {
    const char* name;
    Given given;
    std::string got;
  };
  const std::vector<Case> cases = {
      {"lazy_h2o", {{"recent", tokens(60)}, {"heavy", tokens(40)}}, "4 + 60 + 40 = 104"},
      {"lazy_h2o", {{"recent", tokens(97)}}, "4 + 97 + 0 = 101"},
      {"unified", {{"local", tokens(80)}, {"separators", tokens(20)}}, "4 + 20 + 0 + 80 = 104"},
      {"sepllm", {{"capacity", tokens(101)}}, "101"},
      {"sepllm", {{"local", tokens(88)}}, "4 + 8 + 88 + 1 = 101"},
      {"local_strided", {{"local_window", tokens(101)}}, "101 + 0 = 101"},
      {"local_strided",
       {{"local_window", tokens(100)}, {"overflow", std::string("double")}},
       "100 + 1 = 101"},
  };
  for (const Case& c : cases) {
    const Problem problem = problem_of([&] { plugin_method(c.name, c.given)->plan(100); });
    EXPECT_EQ(problem.got, c.got) << c.name;
  }
}

TEST(StudyMethods, CabRefusesPartsThatDoNotAddUp) {
  const Problem problem = problem_of([] { plugin_method("cab", {{"local", 0.5}}); });
  EXPECT_EQ(problem.expected, "a sum of 1");
}

TEST(StudyMethods, LazyH2oUpdatedAtEveryStepIsH2o) {
  const Given h2o = {{"n_sink", std::int64_t{2}}, {"recent", tokens(3)}};
  Given lazy = h2o;
  lazy["update_interval"] = std::int64_t{1};
  const auto a = plugin_method("h2o", h2o), b = plugin_method("lazy_h2o", lazy);
  HandCache one(*a, 9), other(*b, 9);
  for (std::int64_t t = 0; t < 60; ++t) {
    const auto sum = static_cast<float>(RandomKey(8).with(t).uniform());
    one.step(sum);
    other.step(sum);
    ASSERT_EQ(one.held(), other.held()) << "step " << t;
  }
}

// 1 sink, 1 separator, 2 heavy, 2 local: at 7 entries the middle is 1 ... 4.
TEST(StudyMethods, UnifiedKeepsTheNewestSeparatorAndTheHeaviestOthers) {
  const Given given = {{"n_sink", std::int64_t{1}},
                       {"separators", tokens(1)},
                       {"heavy", tokens(2)},
                       {"local", tokens(2)},
                       {"separator_ids", Indices{7}}};
  struct Case {
    Indices ids;
    Indices expected;
  };
  const std::vector<float> sums = {0, 5, 9, 4, 1, 0, 0};
  const std::vector<Case> cases = {
      {{0, 0, 0, 0, 7, 0, 0}, {0, 1, 2, 4, 5, 6}},
      {{0, 0, 7, 0, 7, 0, 0}, {0, 1, 2, 4, 5, 6}},  // an older separator competes as any entry
      {{0, 7, 7, 7, 7, 0, 0}, {0, 1, 2, 4, 5, 6}},
      {{0, 0, 0, 0, 0, 7, 7}, {0, 1, 2, 5, 6}},  // places of separators stay empty
  };
  for (const char* name : {"unified", "lazy_unified"}) {
    for (const Case& c : cases) {
      Given all = given;
      // Its seventh call is a full one.
      if (std::string(name) == "lazy_unified") all["update_interval"] = std::int64_t{6};
      const auto method = plugin_method(name, all);
      HandCache cache(*method, 6);
      for (std::size_t t = 0; t < sums.size(); ++t) cache.step(sums[t], c.ids[t]);
      EXPECT_EQ(cache.held(), c.expected) << name;
    }
  }
}

TEST(StudyMethods, LazyUnifiedDropsTheOldestItHasNotChosen) {
  const auto method = plugin_method("lazy_unified", {{"n_sink", std::int64_t{1}},
                                                     {"separators", tokens(1)},
                                                     {"heavy", tokens(1)},
                                                     {"local", tokens(1)},
                                                     {"update_interval", std::int64_t{4}},
                                                     {"separator_ids", Indices{7}}});
  HandCache cache(*method, 4);
  const Indices ids = {0, 0, 7, 0, 0, 7, 7, 0};
  const std::vector<float> sums = {0, 5, 1, 2, 0, 9, 9, 0};
  const std::vector<Indices> held = {{0},          {0, 1},       {0, 1, 2},    {0, 1, 2, 3},
                                     {0, 1, 2, 4}, {0, 1, 2, 5}, {0, 1, 2, 6}, {0, 1, 2, 7}};
  for (std::size_t t = 0; t < ids.size(); ++t) {
    cache.step(sums[t], ids[t]);
    EXPECT_EQ(cache.held(), held[t]) << "step " << t;
  }
}

struct ListedVocabulary : Vocabulary {
  std::vector<std::string> texts;
  explicit ListedVocabulary(std::vector<std::string> t) : texts(std::move(t)) {}
  std::int64_t size() const override { return static_cast<std::int64_t>(texts.size()); }
  std::string token_text(std::int64_t id) const override {
    return texts.at(static_cast<std::size_t>(id));
  }
  std::vector<std::int64_t> encode(const std::string&) const override { return {}; }
};

Separators separators(const std::vector<std::string>& strings, const Indices& ids) {
  Separators made;
  made.configure(Parameters({{"separator_strings", strings}, {"separator_ids", ids}}));
  return made;
}

const ListedVocabulary& some_tokens() {
  static const ListedVocabulary tokens({"", " ", ".", " ,", "a.", "\n", "\n\n \t", "\r\n", " ; ",
                                        "..", "\xe2\x96\x81", "word", "?"});
  return tokens;
}

TEST(Separators, AreTokensThatAreOneOfTheStringsButForBlanks) {
  const ModelFacts facts;
  const ModelContext context = {facts, "", &some_tokens()};
  struct Case {
    std::vector<std::string> strings;
    Indices expected;
  };
  const std::vector<Case> cases = {{{".", ",", ";", "\n"}, {2, 3, 5, 6, 7, 8}},
                                   {{".", "?"}, {2, 12}},
                                   {{"word", ".."}, {9, 11}}};
  for (const Case& c : cases) {
    Separators made = separators(c.strings, {});
    made.bind(context);
    EXPECT_EQ(made.ids(), c.expected);
    made.bind(context);
    EXPECT_EQ(made.ids(), c.expected);
  }
}

TEST(Separators, MayBeGivenAsIds) {
  ModelFacts facts;
  facts.vocabulary = 13;
  Separators made = separators({"."}, {12, 4});
  EXPECT_EQ(made.ids(), (Indices{4, 12}));
  made.bind({facts, "", nullptr});
  EXPECT_EQ(made.ids(), (Indices{4, 12}));
  facts.vocabulary = 12;
  EXPECT_EQ(problem_of([&] { made.bind({facts, "", nullptr}); }).got, "12");
}

TEST(Separators, RefuseWhatTheTokenizerCannotTell) {
  const ModelFacts facts;
  const Problem missing = problem_of([&] {
    separators({".", "!", ":"}, {}).bind({facts, "", &some_tokens()});
  });
  EXPECT_EQ(missing.got, "\"!\", \":\"");
  const Problem no_tokenizer = problem_of([&] {
    separators({"."}, {}).bind({facts, "", nullptr});
  });
  EXPECT_TRUE(has(no_tokenizer.what, "without a tokenizer"));
  EXPECT_TRUE(has(problem_of([] { separators({}, {}); }).what, "no separators"));
}

HandHead head_with_keys(const at::Tensor& keys, const Indices& positions = {}) {
  HandHead head;
  head.held = positions.empty() ? indices_of({0, keys.size(0)}) : positions;
  head.raw_keys = keys;
  return head;
}

at::Tensor random_keys(std::int64_t count, std::int64_t channels, const RandomKey& random) {
  at::Tensor keys = at::empty({count, channels}, at::kFloat);
  for (std::int64_t i = 0; i < keys.numel(); ++i) {
    keys.data_ptr<float>()[i] = static_cast<float>(random.with(i).uniform() - 0.4);
  }
  return keys;
}

// Step by step from the definition, with the n x n product.
at::Tensor curvature_by_definition(const at::Tensor& keys, double lambda) {
  const at::Tensor units = keys.to(at::kDouble) / keys.to(at::kDouble).norm(2, -1, true);
  const double n = static_cast<double>(keys.size(0));
  const at::Tensor off_diagonal = 1 - at::eye(keys.size(0), at::kDouble);
  const at::Tensor edges = at::mm(units, units.t()).clamp_min(0) * off_diagonal;
  const at::Tensor left = edges - lambda * at::mm(edges, edges) / n;
  return (left * off_diagonal).sum(0) / (n - 1);
}

TEST(KeyGraph, IsTheDefinitionWithoutTheProduct) {
  for (const std::int64_t count : {2, 3, 17, 60}) {
    const at::Tensor keys = random_keys(count, 5, RandomKey(1).with(count));
    for (const double lambda : {0.0, 0.3, 2.0}) {
      const at::Tensor got = at::tensor(KeyGraph().curvature(head_with_keys(keys), lambda));
      const at::Tensor expected = curvature_by_definition(keys, lambda);
      EXPECT_LT((got - expected).abs().max().item<double>(), 1e-7) << count << ", " << lambda;
    }
  }
  EXPECT_EQ(KeyGraph().curvature(head_with_keys(random_keys(1, 5, RandomKey(1))), 0.3),
            std::vector<float>{0});
}

TEST(KeyGraph, FollowsTheCacheToTheBit) {
  const at::Tensor keys = random_keys(120, 6, RandomKey(5));
  KeyGraph graph;
  Indices held;
  for (std::int64_t t = 0; t < 120; ++t) {
    held.push_back(t);
    const HandHead head = head_with_keys(keys.index_select(0, to_tensor(held)), held);
    ASSERT_EQ(graph.curvature(head, 0.3), KeyGraph().curvature(head, 0.3)) << "step " << t;
    // Mostly one leaves, now and then many.
    while (held.size() > (t % 40 == 39 ? 5U : 20U)) {
      const double u = RandomKey(6).with(t).with(static_cast<int>(held.size())).uniform();
      held.erase(held.begin() + static_cast<std::int64_t>(u * static_cast<double>(held.size())));
    }
  }
}

TEST(KeyGraph, RanksEqualKeysEqually) {
  at::Tensor keys = random_keys(40, 7, RandomKey(9));
  for (const std::int64_t twin : {3, 18, 39}) keys[twin].copy_(keys[11]);
  const std::vector<float> f = KeyGraph().curvature(head_with_keys(keys), 0.3);
  for (const std::size_t twin : {3U, 18U, 39U}) EXPECT_EQ(f[twin], f[11]);
  EXPECT_NE(f[4], f[11]);
  const std::vector<float> same =
      KeyGraph().curvature(head_with_keys(keys[0].expand({30, 7}).contiguous()), 0.3);
  EXPECT_EQ(same, std::vector<float>(30, same[0]));
}

TEST(KeyGraph, KnowsNoOrder) {
  const at::Tensor keys = random_keys(25, 4, RandomKey(10));
  std::vector<float> there = KeyGraph().curvature(head_with_keys(keys), 0.3);
  const std::vector<float> back = KeyGraph().curvature(head_with_keys(keys.flip(0)), 0.3);
  std::reverse(there.begin(), there.end());
  EXPECT_EQ(there, back);
}

TEST(KeyGraph, TakesAKeyOfLengthZero) {
  at::Tensor keys = random_keys(5, 4, RandomKey(12));
  keys[2].zero_();
  EXPECT_EQ(KeyGraph().curvature(head_with_keys(keys), 0.3)[2], 0);
}

struct Twins {
  Configured one, other;
};

TEST(StudyMethods, MeetAtTheEdgesOfTheirParameters) {
  const auto ratio = [](double value) { return Given{{"magnitude_ratio", value}}; };
  const std::vector<Twins> twins = {
      {{"cab_v4", ratio(1)}, {"h2o", {{"recent", tokens(0)}}}},
      {{"cab_v4", ratio(0)}, {"cab_v3", {}}},
      {{"cab", {{"local", 0.5}, {"bridge", 0.0}}}, {"h2o", {}}},
      {{"h2o_20_80", {}}, {"h2o", {{"recent", TokensOrFraction{0.2}}}}},
      {{"local_strided", {{"local_window", tokens(10)}}},
       {"streaming_llm", {{"n_sink", std::int64_t{0}}}}},
  };
  const TinyModel tiny(TinyShape(), RandomKey(41));
  const Indices ids = random_ids(40, tiny.shape(), RandomKey(42));
  for (const Twins& t : twins) {
    const auto one = plugin_method(t.one.name, t.one.given);
    const auto other = plugin_method(t.other.name, t.other.given);
    const auto run = [&](const Method& method) {
      return run_one(tiny.model(), method, settings_of(method, 10, Positions::kOriginal), ids);
    };
    const DocumentRun a = run(*one), b = run(*other);
    EXPECT_EQ(a.kept, b.kept) << t.one.name << ", " << t.other.name;
    EXPECT_EQ(a.nll_nats, b.nll_nats) << t.one.name << ", " << t.other.name;
  }
}

TEST(StudyMethods, RandomForgetsFasterWhenItDrawsAnew) {
  const TinyModel tiny(TinyShape(), RandomKey(51));
  const Indices ids = random_ids(200, tiny.shape(), RandomKey(52));
  const auto old_entries = [&](bool redraw) {
    const auto method = plugin_method("random", {{"redraw", redraw}});
    const DocumentRun run = run_one(tiny.model(), *method, settings_of(*method, 20), ids);
    std::int64_t old = 0;
    for (const auto& layer : run.kept) {
      for (const auto& head : layer)
        old += std::lower_bound(head.begin(), head.end(), 100) - head.begin();
    }
    return old;
  };
  // A uniform sample has half of its 80 in the first half; redrawn, 20 of 21 survive each step.
  EXPECT_GE(old_entries(false), 20);
  EXPECT_LE(old_entries(true), 8);
}

}  // namespace
}  // namespace pressroom::study_methods_test
