// Two engines, one answer: replay keeps the same entries as decoding and gives the same nll.
#include <ATen/ATen.h>

#include "stream_test_support.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

constexpr double kMostNllDifference = 1e-4;

struct NamedMethod {
  std::string name;
  std::shared_ptr<Method> method;
};

std::shared_ptr<TestMethod> signal_method(Signal signal, std::int64_t recents,
                                          std::int64_t interval) {
  auto method = std::make_shared<TestMethod>(Ranking::kSignal);
  method->eviction_plan.signal = signal;
  method->eviction_plan.recents = recents;
  method->eviction_plan.interval = interval;
  return method;
}

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

void expect_one_answer(const Model& model, const Method& method, const StreamSettings& settings,
                       const std::vector<TokenDocument>& documents) {
  const auto decoded = decode_stream(model, method, settings, documents, RunControl());
  const auto replayed = replay_stream(model, method, settings, documents, RunControl());
  for (std::size_t i = 0; i < documents.size(); ++i) {
    EXPECT_LE(largest_difference(replayed[i].nll_nats, decoded[i].nll_nats), kMostNllDifference);
    EXPECT_EQ(replayed[i].kept, decoded[i].kept);
    EXPECT_EQ(replayed[i].targets, decoded[i].targets);
    EXPECT_EQ(replayed[i].entries_per_step, decoded[i].entries_per_step);
    EXPECT_EQ(replayed[i].peak_entries_per_head, decoded[i].peak_entries_per_head);
    EXPECT_EQ(replayed[i].bytes_per_entry, decoded[i].bytes_per_entry);
    EXPECT_EQ(replayed[i].last_logits.size(), decoded[i].last_logits.size());
  }
}

class Replay : public testing::TestWithParam<const char*> {};

// All families x methods x budgets x positions, on the small random models of the goldens.
TEST_P(Replay, GivesTheAnswerOfDecoding) {
  const auto model =
      Model::load(model_in(fs::path(PRESSROOM_TEST_DIR) / "goldens/models" / GetParam()));
  TinyShape shape;
  shape.vocabulary = model->facts().vocabulary;
  const std::vector<TokenDocument> documents = {
      {"long", random_ids(90, shape, RandomKey(5).with(GetParam()))},
      {"short", random_ids(37, shape, RandomKey(6).with(GetParam()))}};
  for (const NamedMethod& named : methods()) {
    for (const std::int64_t budget : {8, 24, 90}) {
      for (const Positions positions : {Positions::kOriginal, Positions::kCacheIndex}) {
        SCOPED_TRACE(named.name + ", budget " + std::to_string(budget) + ", " +
                     to_string(positions));
        StreamSettings settings = settings_of(*named.method, budget, positions);
        settings.threads = 2;
        expect_one_answer(*model, *named.method, settings, documents);
      }
    }
  }
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
    StreamSettings settings = settings_of(*named.method, 20);
    const auto together =
        replay_stream(tiny.model(), *named.method, settings, documents, RunControl());
    settings.threads = 3;
    for (std::size_t i = 0; i < documents.size(); ++i) {
      const DocumentRun alone =
          replay_stream(tiny.model(), *named.method, settings, {documents[i]}, RunControl())
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
      replay_stream(tiny.model(), dense, settings_of(dense, 0), document, RunControl());
  for (const char* name : {"knorm", "random", "streaming_llm"}) {
    const auto method = plugin_method(name);
    const auto run =
        replay_stream(tiny.model(), *method, settings_of(*method, 70, Positions::kOriginal),
                      document, RunControl());
    EXPECT_EQ(run[0].nll_nats, expected[0].nll_nats) << name;
  }
}

// Changing a token changes nothing before it.
TEST(Replay, KnowsNothingOfTheFuture) {
  const TinyModel tiny(TinyShape(), RandomKey(31));
  std::vector<std::int64_t> ids = random_ids(80, TinyShape(), RandomKey(32));
  for (const NamedMethod& named : methods()) {
    const StreamSettings settings = settings_of(*named.method, 16);
    const auto run = [&] {
      return replay_stream(tiny.model(), *named.method, settings, {{"one", ids}}, RunControl())
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
    replay_stream(tiny.model(), method, settings_of(method, 8),
                  {{"one", random_ids(20, TinyShape(), RandomKey(42))}}, RunControl());
  };
  EXPECT_EQ(problem_of(run).where, "one, layer 0, kv head 1, position 5");
  method.on_birth_scores = [](const PolicyContext&, const EntriesView&) { return at::zeros({3}); };
  EXPECT_EQ(problem_of(run).what, "a method returned scores of the wrong shape");
}

}  // namespace
}  // namespace pressroom
