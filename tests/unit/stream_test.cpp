// The decode engine with methods made of lambdas: what it asks of a policy, what it refuses, and
// what its results may not depend on.
#include "engine/stream.h"

#include <ATen/ATen.h>

#include <atomic>
#include <mutex>

#include "engine/invariants.h"
#include "engine/layer_state.h"
#include "stream_test_support.h"

namespace pressroom {
namespace {

using Indices = std::vector<std::int64_t>;

const TinyModel& tiny() {
  static const TinyModel model(TinyShape(), RandomKey(1));
  return model;
}

Indices ids_of(std::int64_t count, std::uint64_t seed = 2) {
  return random_ids(count, TinyShape(), RandomKey(seed));
}

at::Tensor minus_key_norm(const at::Tensor& keys) { return -at::norm(keys, 2, -1); }

// knorm in each of the three ways to say what matters.
TestMethod knorm_at_birth() {
  TestMethod method(Ranking::kBirthScore);
  method.on_birth_scores = [](const PolicyContext&, const EntriesView& entries) {
    return minus_key_norm(entries.keys_before_rope());
  };
  return method;
}

TestMethod knorm_on_demand() {
  TestMethod method(Ranking::kScore);
  method.eviction_plan.needs.keys_before_rope = true;
  method.on_score = [](const PolicyContext&, const HeadView& head) {
    return minus_key_norm(head.keys_before_rope());
  };
  return method;
}

// The indices of all entries but the lowest scores, older first among equals.
at::Tensor all_but_lowest(const at::Tensor& scores, std::int64_t begin, std::int64_t end,
                          std::int64_t budget) {
  std::vector<std::pair<float, std::int64_t>> order;
  for (std::int64_t j = begin; j < end; ++j) order.emplace_back(scores[j].item<float>(), j);
  std::sort(order.begin(), order.end());
  std::vector<bool> leaves(static_cast<std::size_t>(scores.size(0)), false);
  for (std::int64_t i = 0; i < scores.size(0) - budget; ++i) leaves[order[i].second] = true;
  Indices kept;
  for (std::int64_t j = 0; j < scores.size(0); ++j) {
    if (!leaves[j]) kept.push_back(j);
  }
  return at::tensor(kept, at::kLong);
}

TestMethod knorm_by_keep(std::int64_t sinks, std::int64_t recents) {
  TestMethod method(Ranking::kKeep);
  method.eviction_plan.needs.keys_before_rope = true;
  method.on_keep = [=](const PolicyContext& context, const LayerView& layer) {
    std::vector<at::Tensor> kept;
    for (std::int64_t g = 0; g < layer.kv_heads(); ++g) {
      const HeadView& head = layer.head(g);
      kept.push_back(all_but_lowest(minus_key_norm(head.keys_before_rope()), sinks,
                                    head.size() - recents, context.budget_tokens));
    }
    return kept;
  };
  return method;
}

TEST(Stream, HasThreeWaysToSayTheSame) {
  const Indices ids = ids_of(40);
  for (const Positions positions : {Positions::kOriginal, Positions::kCacheIndex}) {
    for (const auto& [sinks, recents] : std::vector<std::pair<int, int>>{{0, 0}, {2, 3}}) {
      TestMethod birth = knorm_at_birth();
      TestMethod demand = knorm_on_demand();
      TestMethod keep = knorm_by_keep(sinks, recents);
      for (TestMethod* method : {&birth, &demand, &keep}) {
        method->eviction_plan.sinks = sinks;
        method->eviction_plan.recents = recents;
      }
      const auto run = [&](const TestMethod& method) {
        return run_one(tiny().model(), method, settings_of(method, 9, positions), ids);
      };
      const DocumentRun expected = run(birth);
      for (const TestMethod* method : {&demand, &keep}) {
        EXPECT_EQ(run(*method).kept, expected.kept);
        EXPECT_EQ(run(*method).nll_nats, expected.nll_nats);
      }
    }
  }
}

// Head g of layer l keeps the newest 2 + g + l entries: 5 = 2 + 3 in layer 0, 7 = 3 + 4 in layer 1.
TEST(Stream, LetsHeadsKeepDifferentNumbersOfEntries) {
  TestMethod method(Ranking::kKeep);
  method.on_keep = [](const PolicyContext& context, const LayerView& layer) {
    EXPECT_EQ(context.layer, layer.layer());
    std::vector<at::Tensor> kept;
    for (std::int64_t g = 0; g < layer.kv_heads(); ++g) {
      const std::int64_t size = layer.head(g).size();
      const std::int64_t stay = std::min<std::int64_t>(size, 2 + g + layer.layer());
      kept.push_back(at::arange(size - stay, size, at::kLong));
    }
    return kept;
  };
  const DocumentRun run = run_one(tiny().model(), method, settings_of(method, 4), ids_of(10));
  EXPECT_EQ(run.kept[0], (std::vector<Indices>{{8, 9}, {7, 8, 9}}));
  EXPECT_EQ(run.kept[1], (std::vector<Indices>{{7, 8, 9}, {6, 7, 8, 9}}));
  EXPECT_EQ(run.entries_per_step, (Indices{4, 8, 11, 12, 12, 12, 12, 12, 12, 12}));
  EXPECT_EQ(run.peak_entries_per_head, 4);
}

// Budget 4: after tokens 3, 6 and 9 the excess leaves at once, and only then.
TEST(Stream, EvictsAtEveryIntervalthStepOnly) {
  const Indices per_head = {1, 2, 3, 4, 5, 4, 5, 6, 4, 5};
  TestMethod window(Ranking::kBirthScore);
  window.on_birth_scores = [](const PolicyContext&, const EntriesView& entries) {
    return entries.positions().to(at::kFloat).expand({2, 1});
  };
  window.eviction_plan.interval = 3;
  const StreamSettings settings = settings_of(window, 4);
  const DocumentRun run = run_one(tiny().model(), window, settings, ids_of(10));
  for (std::size_t t = 0; t < per_head.size(); ++t) {
    EXPECT_EQ(run.entries_per_step[t], 4 * per_head[t]) << "2 layers, 2 heads, step " << t;
  }
  EXPECT_EQ(run.peak_entries_per_head, 6);
  EXPECT_EQ(run.kept[1][1], (Indices{5, 6, 7, 8, 9}));
  EXPECT_NO_THROW(check_invariants(run, settings, {"document", ids_of(10)}));
}

// By hand: 4 queries whose attention over what is present is written down, as probabilities. With
// d = 8, keys that are unit vectors once rotated, and a query of sqrt(8) log p once rotated, the
// softmax gives p back.
TEST(Stream, KeepsHeavyHittersOfTheExampleOnPaper) {
  const std::vector<std::vector<double>> rows = {
      {1}, {0.6, 0.4}, {0.5, 0.3, 0.2}, {0.1, 0, 0.7, 0.2}};  // entry 1 has left before row 3
  const std::vector<Indices> kept = {{0}, {0, 1}, {0, 2}, {0, 3}};
  const std::vector<std::vector<double>> collected = {{1}, {1.6, 0.4}, {2.1, 0.2}, {2.2, 0.2}};

  const auto h2o = plugin_method("h2o", {{"recent", tokens(1)}});
  const RotaryTable rotary(8, 10000, 4);
  LayerSetup setup;
  setup.model.layers = setup.model.query_heads = setup.model.kv_heads = 1;
  setup.model.head_dim = setup.model.hidden_size = 8;
  setup.plan = h2o->plan(2);
  setup.budget_tokens = 2;
  setup.context_tokens = 4;
  setup.rotary = &rotary;
  LayerState layer(setup, 0, h2o->make_policy(PolicyContext()), at::eye(8));
  AttentionScratch scratch;
  for (std::int64_t t = 0; t < 4; ++t) {
    std::vector<float> key(8, 0), query(8, 0), out(8);
    key[t] = 1;
    for (std::size_t j = 0; j < rows[t].size(); ++j) {
      query[j] = static_cast<float>(std::sqrt(8.0) * std::log(std::max(rows[t][j], 1e-9)));
    }
    // Turned back by the angle the engine will turn by.
    for (std::vector<float>* x : {&key, &query}) {
      for (std::size_t i = 0; i < 4; ++i) {
        const double angle = -static_cast<double>(t) * std::pow(10000, -static_cast<double>(i) / 4);
        const double first = (*x)[i];
        const double second = (*x)[i + 4];
        (*x)[i] = static_cast<float>(first * std::cos(angle) - second * std::sin(angle));
        (*x)[i + 4] = static_cast<float>(first * std::sin(angle) + second * std::cos(angle));
      }
    }
    const std::vector<float> zero(8, 0);
    layer.step({t, 0, query.data(), key.data(), zero.data(), zero.data()}, out.data(), scratch);
    const HeadCache& head = layer.heads()[0];
    ASSERT_EQ(head.positions(), kept[t]) << "step " << t;
    for (std::size_t j = 0; j < kept[t].size(); ++j) {
      EXPECT_NEAR(head.attention()[j], collected[t][j], 1e-5) << "step " << t << ", entry " << j;
    }
  }
}

// What goes wrong in layer 1, step 6 - the first eviction at budget 6 - names that place.
TEST(Stream, NamesThePlaceOfAnImpossibleDecision) {
  const auto in_layer_1 = [](const PolicyContext& context, at::Tensor bad, at::Tensor good) {
    return context.layer == 1 ? bad : good;
  };
  struct Case {
    std::string what, where, expected, got;
    std::function<at::Tensor(const at::Tensor& good)> spoil;
  };
  const std::vector<Case> scores = {
      {"wrong shape", "layer 1, kv head 0, step 6", "[7]", "[6]",
       [](const at::Tensor& s) { return s.slice(0, 1); }},
      {"wrong shape", "layer 1, kv head 0, step 6", "[7]", "[1, 7]",
       [](const at::Tensor& s) { return s.unsqueeze(0); }},
      {"wrong shape", "layer 1, kv head 0, step 6", "[7]", "no tensor",
       [](const at::Tensor&) { return at::Tensor(); }},
      {"a score is NaN", "layer 1, kv head 0, step 6, cache index 3", "finite scores", "NaN",
       [](const at::Tensor& s) { return at::where(at::arange(7) == 3, at::full({}, NAN), s); }},
  };
  for (const Case& c : scores) {
    TestMethod method(Ranking::kScore);
    method.on_score = [&](const PolicyContext& context, const HeadView& head) {
      const at::Tensor good = at::zeros({head.size()});
      return in_layer_1(context, c.spoil(good), good);
    };
    const Problem problem =
        problem_of([&] { run_one(tiny().model(), method, settings_of(method, 6), ids_of(12)); });
    EXPECT_TRUE(has(problem.what, c.what)) << problem.text();
    EXPECT_EQ(problem.where, c.where);
    EXPECT_EQ(problem.expected, c.expected);
    EXPECT_EQ(problem.got, c.got);
  }
  const std::vector<Case> births = {
      {"wrong shape", "layer 1, kv head 0, step 0", "[2, 1]", "[1, 2]",
       [](const at::Tensor& s) { return s.t(); }},
      {"wrong shape", "layer 1, kv head 0, step 0", "[2, 1]", "[2]",
       [](const at::Tensor& s) { return s.squeeze(1); }},
      {"a score is NaN", "layer 1, kv head 0, step 6, cache index 0", "finite scores", "NaN",
       [](const at::Tensor& s) { return s + NAN; }},
  };
  for (const Case& c : births) {
    TestMethod method(Ranking::kBirthScore);
    method.on_birth_scores = [&](const PolicyContext& context, const EntriesView&) {
      const at::Tensor good = at::zeros({2, 1});
      return in_layer_1(context, c.spoil(good), good);
    };
    const Problem problem =
        problem_of([&] { run_one(tiny().model(), method, settings_of(method, 6), ids_of(12)); });
    EXPECT_TRUE(has(problem.what, c.what)) << problem.text();
    EXPECT_EQ(problem.where, c.where);
    EXPECT_EQ(problem.expected, c.expected);
    EXPECT_EQ(problem.got, c.got);
  }
}

TEST(Stream, NamesThePlaceOfAnImpossibleKeep) {
  using Heads = std::vector<at::Tensor>;
  struct Case {
    std::string what, where, got;
    std::function<Heads(Heads all)> spoil;
  };
  const std::vector<Case> cases = {
      {"dropped a protected entry", "layer 1, kv head 1, step 6", "cache index 0 dropped",
       [](const Heads& all) {
         return Heads{all[0], all[1].slice(0, 1)};
       }},
      {"dropped a protected entry", "layer 1, kv head 1, step 6", "cache index 6 dropped",
       [](const Heads& all) {
         return Heads{all[0], all[1].slice(0, 0, 6)};
       }},
      {"impossible indices", "layer 1, kv head 0, step 6", "7 after 6",
       [](const Heads& all) {
         return Heads{at::arange(8, at::kLong), all[1]};
       }},
      {"another number of heads", "layer 1, kv head 0, step 6", "1",
       [](const Heads& all) { return Heads{all[0]}; }},
      {"more than the budget", "layer 1, kv head 0, step 6", "14",
       [](const Heads& all) { return all; }},
  };
  for (const Case& c : cases) {
    TestMethod method(Ranking::kKeep);
    method.eviction_plan.sinks = 1;
    method.eviction_plan.recents = 2;
    method.on_keep = [&](const PolicyContext& context, const LayerView& layer) {
      Heads all, kept;
      for (std::int64_t g = 0; g < layer.kv_heads(); ++g) {
        const std::int64_t size = layer.head(g).size();
        all.push_back(at::arange(size, at::kLong));
        kept.push_back(all_but_lowest(at::zeros({size}), 1, size - 2, 6));
      }
      return context.layer == 1 && layer.head(0).size() == 7 ? c.spoil(all) : kept;
    };
    const Problem problem =
        problem_of([&] { run_one(tiny().model(), method, settings_of(method, 6), ids_of(12)); });
    EXPECT_TRUE(has(problem.what, c.what)) << problem.text();
    EXPECT_EQ(problem.where, c.where) << problem.text();
    EXPECT_EQ(problem.got, c.got);
  }
}

TEST(Stream, RefusesDocumentsItCannotScore) {
  const TestMethod dense(Ranking::kNone);
  struct Case {
    Indices ids;
    std::string got;
  };
  for (const Case& c : std::vector<Case>{
           {{}, "0"}, {{1}, "1"}, {{1, 40}, "40"}, {{-1, 2}, "-1"}, {{1, 2, 1000000}, "1000000"}}) {
    const Problem problem = problem_of([&] {
      decode_stream(tiny().model(), dense, settings_of(dense, 0),
                    {{"good", {1, 2}}, {"bad", c.ids}}, RunControl());
    });
    EXPECT_EQ(problem.where, "bad");
    EXPECT_EQ(problem.got, c.got);
  }
}

TEST(Stream, MeasuresEveryStepAndTarget) {
  const TestMethod dense(Ranking::kNone);
  const DocumentRun run = run_dense(tiny().model(), ids_of(6));
  EXPECT_EQ(run.targets, (Indices{1, 2, 3, 4, 5}));
  EXPECT_EQ(run.entries_per_step, (Indices{4, 8, 12, 16, 20, 24}));
  EXPECT_EQ(run.peak_entries_per_head, 6);
  EXPECT_EQ(run.bytes_per_entry, 2 * 4 * 4);  // key and value of d = 4 float32
  ASSERT_EQ(run.step_seconds.size(), 6U);
  for (const double seconds : run.step_seconds) EXPECT_GT(seconds, 0);
}

TEST(Stream, ChargesEntriesForWhatTheMethodKeeps) {
  TestMethod method = knorm_on_demand();  // a second copy of the key, unless keys are stored raw
  method.eviction_plan.signal = Signal::kMeanAttention;
  const auto bytes = [&](Positions positions) {
    return run_one(tiny().model(), method, settings_of(method, 4, positions), ids_of(3))
        .bytes_per_entry;
  };
  EXPECT_EQ(bytes(Positions::kOriginal), (3 * 4 + 1) * 4);
  EXPECT_EQ(bytes(Positions::kCacheIndex), (2 * 4 + 1) * 4);
}

std::vector<TokenDocument> documents_of_lengths(const Indices& lengths) {
  std::vector<TokenDocument> documents;
  for (const std::int64_t length : lengths) {
    const std::string id = "document " + std::to_string(documents.size());
    documents.push_back({id, ids_of(length, 100 + documents.size())});
  }
  return documents;
}

TEST(Stream, GivesEveryPolicyItsOwnContext) {
  TestMethod method = knorm_at_birth();
  std::mutex mutex;
  std::set<std::uint64_t> keys;
  const auto score = method.on_birth_scores;
  method.on_birth_scores = [&](const PolicyContext& context, const EntriesView& entries) {
    EXPECT_EQ(context.budget_tokens, 5);
    EXPECT_EQ(context.model.kv_heads, 2);
    const std::lock_guard<std::mutex> lock(mutex);
    keys.insert(context.random.bits());
    return score(context, entries);
  };
  decode_stream(tiny().model(), method, settings_of(method, 5), documents_of_lengths({6, 6, 6}),
                RunControl());
  EXPECT_EQ(keys.size(), 6U) << "three documents of two layers";
}

void expect_same(const DocumentRun& a, const DocumentRun& b) {
  EXPECT_EQ(a.nll_nats, b.nll_nats);
  EXPECT_EQ(a.kept, b.kept);
  EXPECT_EQ(a.entries_per_step, b.entries_per_step);
}

TEST(Stream, DoesNotDependOnThreadsNorOnOtherBatches) {
  const std::vector<TokenDocument> documents =
      documents_of_lengths({9, 30, 12, 5, 22, 30, 2, 17, 8, 11});
  const TestMethod method = knorm_at_birth();
  StreamSettings settings = settings_of(method, 6);
  const auto runs = decode_stream(tiny().model(), method, settings, documents, RunControl());
  for (const std::int64_t threads : {2, 3, 8}) {
    settings.threads = threads;
    const auto again = decode_stream(tiny().model(), method, settings, documents, RunControl());
    for (std::size_t i = 0; i < documents.size(); ++i) expect_same(again[i], runs[i]);
  }
  // The first four are a batch of their own, whatever comes after them.
  const std::vector<TokenDocument> first(documents.begin(), documents.begin() + 4);
  const auto alone = decode_stream(tiny().model(), method, settings, first, RunControl());
  for (std::size_t i = 0; i < first.size(); ++i) expect_same(alone[i], runs[i]);
}

TEST(Stream, IsolatesDocuments) {
  const std::vector<TokenDocument> documents = documents_of_lengths({9, 30, 12, 5, 22, 30, 2, 17});
  const TestMethod method = knorm_at_birth();
  const StreamSettings settings = settings_of(method, 6);
  const auto runs = decode_stream(tiny().model(), method, settings, documents, RunControl());
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const auto alone =
        decode_stream(tiny().model(), method, settings, {documents[i]}, RunControl());
    EXPECT_LE(largest_difference(alone[0].nll_nats, runs[i].nll_nats), 1e-5) << i;
    EXPECT_EQ(alone[0].kept, runs[i].kept) << i;
  }
}

TEST(Stream, StopsWhenAskedAndCountsTokens) {
  const TestMethod dense(Ranking::kNone);
  const std::vector<TokenDocument> documents = documents_of_lengths({9, 30, 12, 5, 22, 30});
  for (const std::int64_t threads : {1, 2}) {
    StreamSettings settings = settings_of(dense, 0);
    settings.threads = threads;
    std::atomic<std::int64_t> tokens{0};
    RunControl control;
    control.on_tokens = [&](std::int64_t count) { tokens += count; };
    decode_stream(tiny().model(), dense, settings, documents, control);
    EXPECT_EQ(tokens, 9 + 30 + 12 + 5 + 22 + 30);
    tokens = 0;
    control.stop_requested = [&] { return tokens >= 40; };
    EXPECT_THROW(decode_stream(tiny().model(), dense, settings, documents, control), Interrupted);
    EXPECT_LT(tokens, 50);
  }
}

TEST(Stream, CarriesErrorsOutOfThreads) {
  TestMethod method(Ranking::kScore);
  method.on_score = [](const PolicyContext&, const HeadView&) { return at::zeros({1}); };
  StreamSettings settings = settings_of(method, 6);
  settings.threads = 2;
  const Problem problem = problem_of([&] {
    decode_stream(tiny().model(), method, settings, documents_of_lengths(Indices(12, 9)),
                  RunControl());
  });
  EXPECT_TRUE(has(problem.what, "wrong shape")) << problem.text();
}

// N tokens, the last target predicted by step N - 2: an eviction counts when it ends step N - 3 or
// an earlier one. Without an interval the first eviction ends step `budget`.
TEST(Stream, KnowsWhetherAnEvictionIsSeen) {
  struct Case {
    std::int64_t budget, interval, tokens;
    bool seen;
  };
  const std::vector<Case> cases = {
      {4, 1, 6, false}, {4, 1, 7, true}, {4, 1, 4, false}, {1, 1, 4, true},  {1, 1, 3, false},
      {4, 3, 8, true},  // evicts at the end of step 5, seen by step 6, which predicts token 7
      {4, 3, 7, false}, {4, 3, 9, true}, {5, 3, 8, true},  {6, 3, 11, true}, {6, 3, 10, false},
  };
  for (const Case& c : cases) {
    EvictionPlan plan;
    plan.ranking = Ranking::kSignal;
    plan.interval = c.interval;
    EXPECT_EQ(eviction_is_seen(plan, c.budget, c.tokens), c.seen)
        << "budget " << c.budget << ", interval " << c.interval << ", tokens " << c.tokens;
  }
  EXPECT_FALSE(eviction_is_seen(EvictionPlan(), 1, 100)) << "dense";
}

TEST(Invariants, PassGoodRunsAndNameWhatIsWrong) {
  const TestMethod method = knorm_at_birth();
  const StreamSettings settings = settings_of(method, 6);
  const TokenDocument document = {"doc", ids_of(12)};
  const DocumentRun good = run_one(tiny().model(), method, settings, document.ids);
  EXPECT_NO_THROW(check_invariants(good, settings, document));
  struct Case {
    std::string what, where;
    std::function<void(DocumentRun&)> spoil;
  };
  const std::vector<Case> cases = {
      {"I3", "doc", [](DocumentRun& run) { run.peak_entries_per_head = 7; }},
      {"I4", "doc, layer 1, kv head 0",
       [](DocumentRun& run) {
         run.kept[1][0] = {3, 3};
       }},
      {"I4", "doc, layer 0, kv head 1",
       [](DocumentRun& run) {
         run.kept[0][1] = {11, 12};
       }},
      {"I6", "doc", [](DocumentRun& run) { run.targets.pop_back(); }},
      {"I6", "doc", [](DocumentRun& run) { run.nll_nats.pop_back(); }},
      {"I10", "doc, target 3", [](DocumentRun& run) { run.nll_nats[2] = NAN; }},
      {"I10", "doc, target 1", [](DocumentRun& run) { run.nll_nats[0] = INFINITY; }},
  };
  for (const Case& c : cases) {
    DocumentRun run = good;
    c.spoil(run);
    const Problem problem = problem_of([&] { check_invariants(run, settings, document); });
    EXPECT_TRUE(has(problem.what, c.what + " ")) << problem.text();
    EXPECT_EQ(problem.where, c.where);
  }
}

}  // namespace
}  // namespace pressroom
