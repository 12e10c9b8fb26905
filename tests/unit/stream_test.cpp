// The decode engine: what it does at each step, what it refuses, and what its results may not
// depend on.
#include <ATen/ATen.h>

#include <atomic>
#include <mutex>
#include <set>

#include "engine/eviction/layer_eviction.h"
#include "engine/eviction/layer_state.h"
#include "engine/invariants.h"
#include "engine/run.h"
#include "stream_test_support.h"

namespace pressroom::stream_test {
namespace {

using Indices = std::vector<std::int64_t>;

const TinyModel& tiny() {
  static const TinyModel model(TinyShape(), RandomKey(1));
  return model;
}

Indices ids_of(std::int64_t count, std::uint64_t seed = 2) {
  return random_ids(count, TinyShape(), RandomKey(seed));
}

// Budget 4: after tokens 3, 6 and 9 the excess leaves at once, and only then.
TEST(Stream, EvictsAtEveryIntervalthStepOnly) {
  const Indices per_head = {1, 2, 3, 4, 5, 4, 5, 6, 4, 5};
  TestMethod window(Ranking::kBirthScore);
  window.on_birth_scores = [](const PolicyContext&, const EntriesView& entries) {
    return entries.positions().to(at::kFloat).expand({2, 1});
  };
  window.eviction_plan.interval = 3;
  const RunSettings settings = settings_of(window, 4);
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
  const RotaryTable rotary(8, std::vector<float>{1, 0.1F, 0.01F, 0.001F}, 4);
  LayerSetup setup;
  setup.model.layers = setup.model.query_heads = setup.model.kv_heads = 1;
  setup.model.head_dim = setup.model.hidden_size = 8;
  setup.plan = h2o->plan(2);
  setup.budget_tokens = 2;
  setup.context_tokens = 4;
  setup.rotary = &rotary;
  setup.most_entries = 3;
  const HeadRange heads = {0, 1};
  LayerState layer(setup, {0, heads, 4, {}, {}});
  LayerEviction eviction(setup, heads, [&] { return h2o->make_policy(PolicyContext()); });
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
    std::vector<float> qkv = query;
    qkv.insert(qkv.end(), key.begin(), key.end());
    qkv.resize(24, 0);
    const std::int64_t id = 0;
    layer.feed({t, 1, &id, qkv.data(), qkv.data()}, out.data(), scratch);
    eviction.act(layer);
    const HeadCache& head = layer.heads()[0];
    ASSERT_EQ(Indices(head.positions().begin(), head.positions().end()), kept[t]) << "step " << t;
    for (std::size_t j = 0; j < kept[t].size(); ++j) {
      EXPECT_NEAR(head.attention()[j], collected[t][j], 1e-5) << "step " << t << ", entry " << j;
    }
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
      decode_documents(tiny().model(), dense, settings_of(dense, 0),
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
  TestMethod method(Ranking::kScore);
  method.eviction_plan.needs.keys_before_rope = true;  // a second copy, unless keys are stored raw
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
  TestMethod method(Ranking::kBirthScore);
  std::mutex mutex;
  std::set<std::uint64_t> keys;
  method.on_birth_scores = [&](const PolicyContext& context, const EntriesView&) {
    EXPECT_EQ(context.budget_tokens, 5);
    EXPECT_EQ(context.model.kv_heads, 2);
    const std::lock_guard<std::mutex> lock(mutex);
    keys.insert(context.random.bits());
    return at::zeros({2, 1});
  };
  decode_documents(tiny().model(), method, settings_of(method, 5), documents_of_lengths({6, 6, 6}),
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
  const auto method = plugin_method("knorm");
  RunSettings settings = settings_of(*method, 6);
  const auto runs = decode_documents(tiny().model(), *method, settings, documents, RunControl());
  for (const std::int64_t threads : {2, 3, 8}) {
    settings.threads = threads;
    const auto again = decode_documents(tiny().model(), *method, settings, documents, RunControl());
    for (std::size_t i = 0; i < documents.size(); ++i) expect_same(again[i], runs[i]);
  }
  // The first four are a batch of their own, whatever comes after them.
  const std::vector<TokenDocument> first(documents.begin(), documents.begin() + 4);
  const auto alone = decode_documents(tiny().model(), *method, settings, first, RunControl());
  for (std::size_t i = 0; i < first.size(); ++i) expect_same(alone[i], runs[i]);
}

// One batch has all threads for its products; this model is large enough for them to be used.
TEST(Stream, DoesNotDependOnTheThreadsOfAProduct) {
  TinyShape shape;
  shape.layers = 1;
  shape.head_dim = 32;
  shape.hidden_size = 256;
  shape.mlp_size = 512;
  shape.vocabulary = 2000;
  const TinyModel large(shape, RandomKey(3));
  const TestMethod dense(Ranking::kNone);
  for (const std::int64_t documents : {1, 4}) {
    std::vector<TokenDocument> batch;
    for (std::int64_t i = 0; i < documents; ++i) {
      const std::string id = "document " + std::to_string(i);
      batch.push_back({id, random_ids(6, shape, RandomKey(4).with(i))});
    }
    RunSettings settings = settings_of(dense, 0);
    const auto runs = decode_documents(large.model(), dense, settings, batch, RunControl());
    for (const std::int64_t threads : {2, 3}) {
      settings.threads = threads;
      const auto again = decode_documents(large.model(), dense, settings, batch, RunControl());
      for (std::size_t i = 0; i < batch.size(); ++i) {
        EXPECT_EQ(again[i].nll_nats, runs[i].nll_nats) << threads << " threads";
      }
    }
  }
}

TEST(Stream, IsolatesDocuments) {
  const std::vector<TokenDocument> documents = documents_of_lengths({9, 30, 12, 5, 22, 30, 2, 17});
  const auto method = plugin_method("knorm");
  const RunSettings settings = settings_of(*method, 6);
  const auto runs = decode_documents(tiny().model(), *method, settings, documents, RunControl());
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const auto alone =
        decode_documents(tiny().model(), *method, settings, {documents[i]}, RunControl());
    expect_same(alone[0], runs[i]);
  }
}

TEST(Stream, StopsWhenAskedAndCountsTokens) {
  const TestMethod dense(Ranking::kNone);
  const std::vector<TokenDocument> documents = documents_of_lengths({9, 30, 12, 5, 22, 30});
  for (const std::int64_t threads : {1, 2}) {
    RunSettings settings = settings_of(dense, 0);
    settings.threads = threads;
    std::atomic<std::int64_t> tokens{0};
    RunControl control;
    control.on_tokens = [&](std::int64_t count) { tokens += count; };
    decode_documents(tiny().model(), dense, settings, documents, control);
    EXPECT_EQ(tokens, 9 + 30 + 12 + 5 + 22 + 30);
    tokens = 0;
    control.stop_requested = [&] { return tokens >= 40; };
    EXPECT_THROW(decode_documents(tiny().model(), dense, settings, documents, control),
                 Interrupted);
    EXPECT_LT(tokens, 50);
  }
}

TEST(Stream, CarriesErrorsOutOfThreads) {
  TestMethod method(Ranking::kScore);
  method.on_score = [](const PolicyContext&, const HeadView&) { return at::zeros({1}); };
  RunSettings settings = settings_of(method, 6);
  settings.threads = 2;
  const Problem problem = problem_of([&] {
    decode_documents(tiny().model(), method, settings, documents_of_lengths(Indices(12, 9)),
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
    EXPECT_EQ(eviction_is_seen(Protocol(), plan, c.budget, c.tokens), c.seen)
        << "budget " << c.budget << ", interval " << c.interval << ", tokens " << c.tokens;
  }
  EXPECT_FALSE(eviction_is_seen(Protocol(), EvictionPlan(), 1, 100)) << "dense";
}

TEST(Invariants, PassGoodRunsAndNameWhatIsWrong) {
  const auto method = plugin_method("knorm");
  const RunSettings settings = settings_of(*method, 6);
  const TokenDocument document = {"doc", ids_of(12)};
  const DocumentRun good = run_one(tiny().model(), *method, settings, document.ids);
  EXPECT_NO_THROW(check_invariants(good, settings, document));
  struct Case {
    std::string what, where;
    std::function<void(DocumentRun&)> spoil;
  };
  const std::vector<Case> cases = {
      {"I2", "doc, layer 0, kv head 1, position 5",
       [](DocumentRun& run) { run.evictions[0][1].evicted_after[5] = 4; }},
      {"I3", "doc, layer 1, kv head 0, after token 11",
       [](DocumentRun& run) {
         auto& left = run.evictions[1][0].evicted_after;
         *std::find(left.begin(), left.end(), 11) = kNeverLeaves;
       }},
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
}  // namespace pressroom::stream_test
