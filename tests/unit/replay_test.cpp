// Two engines, one answer: replay keeps the same entries as decoding and gives the same nll.
#include <ATen/ATen.h>

#include "config/config.h"
#include "engine/invariants.h"
#include "engine_comparison.h"
#include "stream_test_support.h"
#include "test_folders.h"

namespace pressroom::replay_test {
namespace {

namespace fs = std::filesystem;

constexpr double kMostNllDifference = 1e-4;

constexpr const char* kProtocols[] = {"stream", "{kind: chunked, chunk_size: 7}",
                                      "{kind: prefill, prefill_tokens: 30}",
                                      "{kind: prefill, prefill_tokens: 30, continuation: hold}"};

// Every way to decide, each in the shapes that take another path: intervals, sinks, recents.
std::vector<NamedMethod> methods() {
  std::vector<NamedMethod> all;
  for (const char* name : {"dense", "h2o", "knorm", "random", "streaming_llm"}) {
    all.push_back({name, plugin_method(name)});
  }
  all.push_back({"h2o with sinks", plugin_method("h2o", {{"n_sink", std::int64_t{2}}})});
  all.push_back({"mean attention", signal_method(Signal::kMeanAttention, 3, 1)});
  all.push_back({"last query", signal_method(Signal::kLastQueryAttention, 1, 1)});
  all.push_back({"lazy attention", signal_method(Signal::kCumulativeAttention, 2, 5)});
  auto lazy = std::make_shared<TestMethod>(Ranking::kBirthScore);
  lazy->eviction_plan.interval = 7;
  lazy->eviction_plan.sinks = 1;
  lazy->on_birth_scores = [](const PolicyContext&, const EntriesView& entries) {
    return -at::norm(entries.values(), 2, -1);
  };
  all.push_back({"lazy value norm", lazy});
  auto demand = std::make_shared<TestMethod>(Ranking::kScore);
  demand->eviction_plan.needs.query_window = 3;
  demand->on_score = [](const PolicyContext&, const HeadView& head) {
    return at::matmul(head.keys(), head.queries().mean(at::IntArrayRef{0, 1}));
  };
  all.push_back({"on demand", demand});
  auto keep = std::make_shared<TestMethod>(Ranking::kKeep);
  keep->on_keep = [](const PolicyContext& context, const LayerView& layer) {
    std::vector<at::Tensor> kept;
    for (std::int64_t head = 0; head < layer.kv_heads(); ++head) {
      const std::int64_t size = layer.head(head).size();
      const std::int64_t from = std::max<std::int64_t>(size - context.budget_tokens, 0);
      kept.push_back(at::arange(from, size, at::kLong));
    }
    return kept;
  };
  all.push_back({"keep", keep});
  return all;
}

int near_ties = 0;

void expect_one_answer(const Model& model, const Method& method, const RunSettings& settings,
                       const std::vector<TokenDocument>& documents) {
  const auto decoded = decode_documents(model, method, settings, documents, RunControl());
  const auto replayed = replay_documents(model, method, settings, documents, RunControl());
  for (std::size_t i = 0; i < documents.size(); ++i) {
    EXPECT_NO_THROW(check_invariants(replayed[i], settings, documents[i]));
    EXPECT_EQ(replayed[i].targets, decoded[i].targets);
    EXPECT_EQ(replayed[i].entries_per_step, decoded[i].entries_per_step);
    EXPECT_EQ(replayed[i].peak_entries_per_head, decoded[i].peak_entries_per_head);
    EXPECT_EQ(replayed[i].bytes_per_entry, decoded[i].bytes_per_entry);
    EXPECT_EQ(replayed[i].last_logits.size(), decoded[i].last_logits.size());
    if (!expect_same_departures(replayed[i], decoded[i])) {
      ++near_ties;
      continue;
    }
    EXPECT_EQ(replayed[i].kept, decoded[i].kept);
    EXPECT_LE(largest_difference(replayed[i].nll_nats, decoded[i].nll_nats), kMostNllDifference);
  }
}

class Replay : public testing::TestWithParam<const char*> {};

// All families x methods x protocols x budgets x positions, on the small random models of the
// goldens.
TEST_P(Replay, GivesTheAnswerOfDecoding) {
  const auto model = Model::load(model_in(test_dir() / "goldens/models" / GetParam()));
  TinyShape shape;
  shape.vocabulary = model->facts().vocabulary;
  const std::vector<TokenDocument> documents = {
      {"long", random_ids(90, shape, RandomKey(5).with(GetParam()))},
      {"short", random_ids(37, shape, RandomKey(6).with(GetParam()))}};
  near_ties = 0;
  for (const NamedMethod& named : methods()) {
    for (const char* protocol : kProtocols) {
      for (const std::int64_t budget : {8, 24, 90}) {
        for (const Positions positions : {Positions::kOriginal, Positions::kCacheIndex}) {
          SCOPED_TRACE(named.name + ", " + protocol + ", budget " + std::to_string(budget) + ", " +
                       to_string(positions));
          RunSettings settings = settings_of(*named.method, budget, positions);
          settings.protocol = parse_protocol(protocol, "test");
          settings.threads = 2;
          expect_one_answer(*model, *named.method, settings, documents);
        }
      }
    }
  }
  // Of 576 runs. A flaw in an engine would show in many.
  EXPECT_LE(near_ties, 4);
}

INSTANTIATE_TEST_SUITE_P(Families, Replay,
                         testing::Values("gpt_neox_parallel", "gpt_neox_sequential", "llama3_rope",
                                         "llama_linear_rope", "llama_mha", "mistral", "qwen2",
                                         "qwen3"));

TEST(Replay, IsTheSameForAnyNumberOfThreadsAndInAnyCompany) {
  const TinyModel tiny(TinyShape(), RandomKey(11));
  std::vector<TokenDocument> documents;
  for (const std::int64_t length : {150, 64, 65}) {
    const std::string id = std::to_string(length);
    documents.push_back({id, random_ids(length, TinyShape(), RandomKey(12).with(id))});
  }
  for (const NamedMethod& named : methods()) {
    RunSettings settings = settings_of(*named.method, 20);
    const auto together =
        replay_documents(tiny.model(), *named.method, settings, documents, RunControl());
    settings.threads = 3;
    for (std::size_t i = 0; i < documents.size(); ++i) {
      const DocumentRun alone =
          replay_documents(tiny.model(), *named.method, settings, {documents[i]}, RunControl())
              .front();
      EXPECT_EQ(alone.nll_nats, together[i].nll_nats) << named.name;
      EXPECT_EQ(alone.kept, together[i].kept) << named.name;
    }
  }
}

TEST(Replay, BudgetOfTheWholeDocumentIsDenseBitForBit) {
  const TinyModel tiny(TinyShape(), RandomKey(21));
  const std::vector<TokenDocument> document = {{"one", random_ids(70, TinyShape(), RandomKey(22))}};
  const TestMethod dense(Ranking::kNone);
  const auto expected =
      replay_documents(tiny.model(), dense, settings_of(dense, 0), document, RunControl());
  for (const char* name : {"knorm", "random", "streaming_llm"}) {
    const auto method = plugin_method(name);
    const auto run =
        replay_documents(tiny.model(), *method, settings_of(*method, 70, Positions::kOriginal),
                         document, RunControl());
    EXPECT_EQ(run[0].nll_nats, expected[0].nll_nats) << name;
  }
}

// Changing a token changes nothing before it.
TEST(Replay, KnowsNothingOfTheFuture) {
  const TinyModel tiny(TinyShape(), RandomKey(31));
  std::vector<std::int64_t> ids = random_ids(80, TinyShape(), RandomKey(32));
  for (const NamedMethod& named : methods()) {
    const RunSettings settings = settings_of(*named.method, 16);
    const auto run = [&] {
      return replay_documents(tiny.model(), *named.method, settings, {{"one", ids}}, RunControl())
          .front();
    };
    const DocumentRun before = run();
    const std::int64_t old = std::exchange(ids[60], (ids[60] + 1) % TinyShape().vocabulary);
    const DocumentRun after = run();
    ids[60] = old;
    for (std::size_t target = 0; target < 59; ++target) {
      EXPECT_EQ(after.nll_nats[target], before.nll_nats[target]) << named.name << target;
    }
    EXPECT_NE(after.nll_nats[60], before.nll_nats[60]) << named.name;
  }
}

TEST(Replay, ChunksOfOneAreStreamAndOneChunkIsDense) {
  const TinyModel tiny(TinyShape(), RandomKey(51));
  const std::vector<TokenDocument> document = {{"one", random_ids(70, TinyShape(), RandomKey(52))}};
  const TestMethod dense(Ranking::kNone);
  for (const Engine engine : {Engine::kReplay, Engine::kDecode}) {
    const auto run = [&](const Method& method, RunSettings settings, const char* protocol) {
      settings.protocol = parse_protocol(protocol, "test");
      return run_documents(engine, tiny.model(), method, settings, document, RunControl()).front();
    };
    const DocumentRun whole = run(dense, settings_of(dense, 70), "{kind: chunked, chunk_size: 70}");
    for (const NamedMethod& named : methods()) {
      SCOPED_TRACE(named.name + std::string(" by ") + to_string(engine));
      const RunSettings settings = settings_of(*named.method, 16);
      const DocumentRun stream = run(*named.method, settings, "stream");
      const DocumentRun ones = run(*named.method, settings, "{kind: chunked, chunk_size: 1}");
      EXPECT_EQ(ones.nll_nats, stream.nll_nats);
      EXPECT_FALSE(first_parting(ones, stream));
      const DocumentRun one = run(*named.method, settings, "{kind: chunked, chunk_size: 70}");
      EXPECT_LE(largest_difference(one.nll_nats, whole.nll_nats), 1e-5);
    }
  }
}

// Windows are dense documents of their own, scored where no earlier window did.
TEST(Replay, WindowsAreDocumentsOfTheirOwn) {
  const TinyModel tiny(TinyShape(), RandomKey(61));
  const std::vector<std::int64_t> ids = random_ids(50, TinyShape(), RandomKey(62));
  const TestMethod dense(Ranking::kNone);
  for (const Engine engine : {Engine::kReplay, Engine::kDecode}) {
    RunSettings settings = settings_of(dense, 50);
    settings.protocol = parse_protocol("{kind: window, window: 20, stride: 15}", "test");
    const auto runs = run_documents(engine, tiny.model(), dense, settings,
                                    {{"one", ids}, {"again", ids}}, RunControl());
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_EQ(runs[0].nll_nats, runs[1].nll_nats);
    EXPECT_NO_THROW(check_invariants(runs[0], settings, {"one", ids}));
    ASSERT_EQ(runs[0].targets.size(), 49U);
    // Token 25 is in windows 0-20, 15-35: scored by the second, from its tokens 15 .. 24.
    const DocumentRun second = run_dense(tiny.model(), {ids.begin() + 15, ids.begin() + 35});
    for (std::size_t target = 20; target < 35; ++target) {
      EXPECT_NEAR(runs[0].nll_nats[target - 1], second.nll_nats[target - 15 - 1], 1e-5) << target;
    }
    EXPECT_EQ(runs[0].kept[0][0].front(), 30);
    EXPECT_EQ(runs[0].kept[0][0].back(), 49);
  }
}

// A birth score that looks ahead is found out, whatever the protocol.
TEST(Replay, CatchesBirthScoresThatDependOnLaterTokens) {
  const TinyModel tiny(TinyShape(), RandomKey(71));
  TestMethod method(Ranking::kBirthScore);
  method.on_birth_scores = [](const PolicyContext&, const EntriesView& entries) {
    const at::Tensor norm = entries.keys().norm(2, -1);
    return norm - norm.mean(-1, true);
  };
  const Problem problem = problem_of([&] {
    replay_documents(tiny.model(), method, settings_of(method, 8),
                     {{"one", random_ids(40, TinyShape(), RandomKey(72))}}, RunControl());
  });
  EXPECT_EQ(problem.what, "invariant violated: I5 causality");
  EXPECT_EQ(problem.where, "one, layer 0, kv head 0");
}

TEST(Replay, RefusesMethodsThatCoupleLayersAndAutoDecodesThem) {
  EvictionPlan plan;
  EXPECT_EQ(choose_engine("auto", plan, "m"), Engine::kReplay);
  EXPECT_EQ(choose_engine("decode", plan, "m"), Engine::kDecode);
  plan.couples_layers = true;
  EXPECT_EQ(choose_engine("auto", plan, "m"), Engine::kDecode);
  EXPECT_EQ(problem_of([&] { choose_engine("replay", plan, "m"); }).where, "m");
}

TEST(Replay, NamesThePlaceOfABadScore) {
  const TinyModel tiny(TinyShape(), RandomKey(41));
  TestMethod method(Ranking::kBirthScore);
  method.on_birth_scores = [](const PolicyContext&, const EntriesView& entries) {
    at::Tensor scores = at::zeros({2, entries.size()});
    scores[1][5] = NAN;
    return scores;
  };
  const auto run = [&] {
    replay_documents(tiny.model(), method, settings_of(method, 8),
                     {{"one", random_ids(20, TinyShape(), RandomKey(42))}}, RunControl());
  };
  EXPECT_EQ(problem_of(run).where, "one, layer 0, kv head 1, position 5");
  method.on_birth_scores = [](const PolicyContext&, const EntriesView&) { return at::zeros({3}); };
  EXPECT_EQ(problem_of(run).what, "a method returned scores of the wrong shape");
}

}  // namespace
}  // namespace pressroom::replay_test
