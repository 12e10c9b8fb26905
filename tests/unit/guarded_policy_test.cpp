// The guards around a policy's calls: what it may not do while a document runs.
#include <fenv.h>

#include <set>

#include "config/config.h"
#include "stream_test_support.h"

namespace pressroom::guarded_policy_test {
namespace {

constexpr std::int64_t kBudget = 12;

TinyShape four_layers() {
  TinyShape shape;
  shape.layers = 4;
  return shape;
}

// Keeps the newest entries.
std::shared_ptr<TestMethod> newest() {
  auto method = std::make_shared<TestMethod>(Ranking::kScore);
  method->on_score = [](const PolicyContext&, const HeadView& head) {
    return head.positions().to(at::kFloat);
  };
  return method;
}

RunSettings watched(const Method& method) {
  RunSettings settings = settings_of(method, kBudget);
  settings.method = "method \"x\"";
  settings.check_views = true;
  return settings;
}

Problem problem_of(Engine engine, const Model& model, const Method& method,
                   const RunSettings& settings, const TokenDocument& document) {
  try {
    run_documents(engine, model, method, settings, {document}, RunControl());
  } catch (const Error& error) {
    return error.problems().front();
  }
  return {};
}

TEST(GuardedPolicy, NamesThePlaceWhereTheRoundingWasChangedOnBothEngines) {
  const TinyModel tiny(four_layers(), RandomKey(7));
  const TokenDocument document = {"one", random_ids(40, tiny.shape(), RandomKey(8))};
  auto method = newest();
  method->on_score = [](const PolicyContext& context, const HeadView& head) {
    if (context.layer == 2 && head.kv_head() == 1) fesetround(FE_UPWARD);
    return head.positions().to(at::kFloat);
  };
  for (const Engine engine : {Engine::kReplay, Engine::kDecode}) {
    RunSettings settings = settings_of(*method, kBudget);
    settings.method = "method \"x\"";
    const Problem problem = problem_of(engine, tiny.model(), *method, settings, document);
    EXPECT_EQ(problem.what,
              "the method failed while scoring: method \"x\" changed how everything after it "
              "computes");
    EXPECT_EQ(problem.where, "one, layer 2, kv head 1, step 12");
    EXPECT_EQ(problem.got, "rounding upward");
    EXPECT_EQ(fegetround(), FE_TONEAREST);
  }
}

// The layer is chosen by the document, and each gets its turn.
TEST(GuardedPolicy, FindsWritesToViewsInEveryLayerSoonerOrLater) {
  const TinyModel tiny(four_layers(), RandomKey(7));
  for (const Engine engine : {Engine::kReplay, Engine::kDecode}) {
    std::set<std::int64_t> found;
    for (std::int64_t layer = 0; layer < 4; ++layer) {
      auto method = newest();
      method->on_score = [layer](const PolicyContext& context, const HeadView& head) {
        if (context.layer == layer) head.values().mul_(2);
        return head.positions().to(at::kFloat);
      };
      for (std::uint64_t key = 0; key < 24; ++key) {
        const TokenDocument document = {"one", random_ids(20, tiny.shape(), RandomKey(key))};
        const Problem problem =
            problem_of(engine, tiny.model(), *method, watched(*method), document);
        if (problem.what.empty()) continue;
        EXPECT_EQ(problem.what,
                  "the method failed while scoring: method \"x\" wrote to the values it was shown");
        EXPECT_EQ(problem.where, "one, layer " + std::to_string(layer) + ", kv head 0, step 12");
        found.insert(layer);
      }
    }
    EXPECT_EQ(found.size(), 4U);
  }
}

// Whoever asks a hundred times for a copy gets a hundred, and what is borrowed stays watched.
TEST(GuardedPolicy, FindsWritesAfterAnyNumberOfQuestions) {
  const TinyModel tiny(TinyShape(), RandomKey(7));
  auto method = newest();
  method->eviction_plan.needs.query_window = 2;
  method->on_score = [](const PolicyContext&, const HeadView& head) {
    for (int i = 0; i < 100; ++i) head.queries();
    head.values().mul_(2);
    return head.positions().to(at::kFloat);
  };
  const TokenDocument document = {"one", random_ids(40, tiny.shape(), RandomKey(8))};
  const Problem problem =
      problem_of(Engine::kReplay, tiny.model(), *method, watched(*method), document);
  EXPECT_EQ(problem.what,
            "the method failed while scoring: method \"x\" wrote to the values it was shown");
}

TEST(GuardedPolicy, ChangesNoNumberOfAMethodThatOnlyReads) {
  const TinyModel tiny(four_layers(), RandomKey(7));
  const TokenDocument document = {"one", random_ids(40, tiny.shape(), RandomKey(8))};
  const auto method = plugin_method("keydiff");
  RunSettings settings = settings_of(*method, kBudget);
  const DocumentRun plain = run_one(tiny.model(), *method, settings, document.ids);
  settings.check_views = true;
  const DocumentRun checked = run_one(tiny.model(), *method, settings, document.ids);
  EXPECT_EQ(checked.kept, plain.kept);
  EXPECT_EQ(checked.nll_nats, plain.nll_nats);
}

// W_O is the model's own: what a method did to it would reach every later run.
TEST(GuardedPolicy, LetsNoMethodWriteToTheModelItself) {
  const TinyModel tiny(four_layers(), RandomKey(7));
  const TokenDocument document = {"one", random_ids(40, tiny.shape(), RandomKey(8))};
  const DocumentRun before = run_dense(tiny.model(), document.ids);
  auto method = newest();
  method->eviction_plan.needs.output_projection = true;
  method->on_score = [](const PolicyContext&, const HeadView& head) {
    head.output_projection().zero_();
    return head.positions().to(at::kFloat);
  };
  run_one(tiny.model(), *method, settings_of(*method, kBudget), document.ids);
  EXPECT_EQ(run_dense(tiny.model(), document.ids).nll_nats, before.nll_nats);
}

// Positions say what leaves and ids what is scored, watched or not.
TEST(GuardedPolicy, LetsNoMethodWriteToPositionsOrTokenIds) {
  const TinyModel tiny(four_layers(), RandomKey(7));
  const TokenDocument document = {"one", random_ids(40, tiny.shape(), RandomKey(8))};
  auto writes = newest();
  writes->on_score = [](const PolicyContext&, const HeadView& head) {
    const at::Tensor scores = head.positions().to(at::kFloat);
    head.positions().zero_();
    head.token_ids().fill_(3);
    return scores;
  };
  for (const auto run : {replay_documents, decode_documents}) {
    const auto of = [&](const TestMethod& method) {
      return run(tiny.model(), method, settings_of(method, kBudget), {document}, RunControl())
          .front();
    };
    const DocumentRun expected = of(*newest());
    const DocumentRun written = of(*writes);
    EXPECT_EQ(written.kept, expected.kept);
    EXPECT_EQ(written.nll_nats, expected.nll_nats);
  }
}

}  // namespace
}  // namespace pressroom::guarded_policy_test
