// A sequence that grows token by token: what the decode engine says of the same tokens, sizes that
// can be counted, and what it refuses.
#include "engine/sequence.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "admission/bind_method.h"
#include "base/whole_file.h"
#include "config/config.h"
#include "config/plugin_use.h"
#include "engine/eviction/eviction.h"
#include "engine/eviction/layer_state.h"
#include "every_method.h"
#include "sequence_test_support.h"
#include "test_folders.h"

namespace pressroom::sequence_test {
namespace {

// Logits after each token behind the prompt, of the decode engine's run of the whole document.
Logits decoded(const Method& method, RunSettings settings, const Indices& ids,
               std::int64_t prompt) {
  settings.protocol.kind = ProtocolKind::kPrefill;
  settings.protocol.prefill_tokens = prompt;
  const auto tokens = static_cast<std::int64_t>(ids.size());
  TokenDocument document = {"one", ids};
  for (std::int64_t t = prompt + 1; t < tokens; ++t) document.wanted_logits.push_back(t);
  DocumentRun run =
      decode_documents(tiny().model(), method, settings, {document}, RunControl()).front();
  run.wanted_logits.push_back(run.last_logits);
  return run.wanted_logits;
}

// Counted entry by entry; bytes by the words of EntryLayout: two or three vectors, statistics.
void expect_counted_sizes(const Sequence& sequence, std::int64_t fed) {
  const SequenceSizes sizes = sequence.sizes();
  SequenceSizes counted;
  std::int64_t least_allocated = 0;
  for (const LayerState& layer : sequence.layers()) {
    for (std::size_t h = 0; h < layer.heads().size(); ++h) {
      const HeadCache& head = layer.heads()[h];
      const auto held = static_cast<std::int64_t>(head.positions().size());
      counted.entries += held;
      counted.most_entries = std::max(counted.most_entries, held);
      std::int64_t left = 0;
      for (const std::int32_t after : layer.evictions()[h].evicted_after) {
        if (after != kNeverLeaves) ++left;
      }
      counted.evicted += left;
      EXPECT_EQ(held + left, fed);
      const std::int64_t vectors = head.layout().raw_keys ? 3 : 2;
      const std::int64_t numbers = head.layout().attention + head.layout().birth_score;
      const std::int64_t floats = vectors * TinyShape().head_dim + numbers;
      least_allocated += held * 4 * floats;
      counted.bytes += held * 4 * (floats + head.layout().input_floats);
    }
  }
  EXPECT_EQ(sizes.entries, counted.entries);
  EXPECT_EQ(sizes.most_entries, counted.most_entries);
  EXPECT_EQ(sizes.evicted, counted.evicted);
  EXPECT_EQ(sizes.bytes, counted.bytes);
  EXPECT_GE(sizes.allocated_bytes, least_allocated);
}

bool is_allowed(const RunSettings& settings, Continuation continuation) {
  Protocol protocol;
  protocol.kind = ProtocolKind::kPrefill;
  protocol.prefill_tokens = kPrompt;
  protocol.continuation = continuation;
  try {
    check_setting(settings.plan, protocol, settings.positions, "the method");
  } catch (const Error&) {
    return false;
  }
  return true;
}

class SequenceOf : public testing::TestWithParam<Continuation> {
 protected:
  // A sequence under `settings` against the engine's run, and what it holds against a count. False
  // where the method refuses what it is shown: to both alike.
  bool expect_as_decoded(const Method& method, RunSettings settings) const {
    settings.protocol.continuation = GetParam();
    const Indices ids = ids_of(kTokens);
    Sequence sequence(tiny().model(), method, settings, "one", kTokens);
    Logits expected;
    try {
      expected = decoded(method, settings, ids, kPrompt);
    } catch (const Error&) {
      EXPECT_THROW(grown(sequence, ids, kPrompt), Error);
      return false;
    }
    expect_same_bits(grown(sequence, ids, kPrompt), expected);
    expect_counted_sizes(sequence, kTokens);
    EXPECT_EQ(sequence.ids(), ids);
    return true;
  }
};

TEST_P(SequenceOf, EveryMethodGivesTheDecodedDocument) {
  PluginHost host({plugin_dir()});
  int runs = 0;
  std::vector<std::string> methods(std::begin(kEveryMethod), std::end(kEveryMethod));
  methods.emplace_back("dense");
  for (const std::string& yaml : methods) {
    const auto method =
        make_configured_method(parse_plugin_use(yaml, PluginKind::kMethod, "the test", host), host);
    bind_method(*method, yaml, tiny().model().files(), tiny().model().facts());
    for (const Positions positions : {Positions::kOriginal, Positions::kCacheIndex}) {
      SCOPED_TRACE(yaml + ", " + to_string(positions));
      RunSettings settings = settings_of(*method, kBudget, positions);
      settings.plan = checked_plan(*method, kBudget, yaml);
      settings.threads = 2;
      settings.reading.between = {1, 2, 3};
      if (!is_allowed(settings, GetParam())) continue;
      if (expect_as_decoded(*method, settings)) ++runs;
    }
  }
  EXPECT_GE(runs, 60);
}

TEST_P(SequenceOf, AnyPromptMayFillItWhole) {
  const auto method = plugin_method("h2o");
  RunSettings settings = settings_of(*method, 4);
  settings.protocol.continuation = GetParam();
  const Indices ids = ids_of(8);
  for (const std::int64_t prompt : {1, 2, 5, 7, 8}) {
    SCOPED_TRACE(prompt);
    Sequence sequence(tiny().model(), *method, settings, "one", 8);
    const Logits got = grown(sequence, ids, prompt);
    EXPECT_EQ(static_cast<std::int64_t>(got.size()), 8 - prompt);
    expect_counted_sizes(sequence, 8);
    if (prompt <= 6) expect_same_bits(got, decoded(*method, settings, ids, prompt));
  }
}

TEST_P(SequenceOf, RoomThatIsNotUsedChangesNothing) {
  const auto method = plugin_method("h2o");
  RunSettings settings = settings_of(*method, kBudget);
  settings.protocol.continuation = GetParam();
  const Indices ids = ids_of(kTokens);
  Sequence snug(tiny().model(), *method, settings, "one", kTokens);
  Sequence roomy(tiny().model(), *method, settings, "one", 10 * kTokens);
  expect_same_bits(grown(roomy, ids, kPrompt), grown(snug, ids, kPrompt));
}

INSTANTIATE_TEST_SUITE_P(Continuations, SequenceOf,
                         testing::Values(Continuation::kGrow, Continuation::kHold),
                         [](const auto& test) {
                           return test.param == Continuation::kGrow ? "Grow" : "Hold";
                         });

// By the formulas in float64: minus the log of the softmax is the nll of each token that could
// follow.
TEST(Sequence, GivesTheLogitsBehindThePrompt) {
  const auto dense = plugin_method("dense");
  Indices ids = ids_of(9);
  Sequence sequence(tiny().model(), *dense, settings_of(*dense, 9), "one", 20);
  const float* logits = sequence.prefill(ids);
  double sum = 0;
  for (std::int64_t v = 0; v < 40; ++v) sum += std::exp(static_cast<double>(logits[v]));
  ids.push_back(0);
  for (std::int64_t v = 0; v < 40; ++v) {
    ids.back() = v;
    const ReferenceRun run = reference_run(TinyShape(), tiny().weights(), ids, keep_all(), false);
    EXPECT_NEAR(std::log(sum) - logits[v], run.nll_nats.back(), 1e-4) << v;
  }
}

TEST(Sequence, HoldsTheBudgetAndForgetsTheRest) {
  const auto h2o = plugin_method("h2o");
  RunSettings settings = settings_of(*h2o, 5);
  settings.protocol.continuation = Continuation::kHold;
  const Indices ids = ids_of(30);
  Sequence sequence(tiny().model(), *h2o, settings, "one", 30);
  sequence.prefill({ids.begin(), ids.begin() + 12});
  for (std::size_t t = 12; t < ids.size(); ++t) {
    sequence.feed(ids[t]);
    const SequenceSizes sizes = sequence.sizes();
    EXPECT_EQ(sizes.entries, 2 * 2 * 5) << "2 layers, 2 KV heads, token " << t;
    EXPECT_EQ(sizes.most_entries, 5);
    EXPECT_EQ(sizes.evicted, 2 * 2 * (static_cast<std::int64_t>(t) + 1 - 5));
  }
}

TEST(Sequence, RefusesWhatItCannotBeFed) {
  const auto dense = plugin_method("dense");
  const RunSettings settings = settings_of(*dense, 6);
  struct Case {
    Indices prompt;
    Indices then;
    std::string expected;
    std::string got;
  };
  for (const Case& c : std::vector<Case>{{{}, {}, "1 .. 4 tokens", "0"},
                                         {{1, 2, 3, 4, 5}, {}, "1 .. 4 tokens", "5"},
                                         {{1, 40}, {}, "0 .. 39", "40"},
                                         {{-1}, {}, "0 .. 39", "-1"},
                                         {{1}, {2, 40}, "0 .. 39", "40"},
                                         {{1}, {2, -7}, "0 .. 39", "-7"},
                                         {{1, 2}, {3, 4, 5}, "4 tokens", "one more"},
                                         {{1, 2, 3, 4}, {5}, "4 tokens", "one more"}}) {
    Sequence sequence(tiny().model(), *dense, settings, "the text", 4);
    const Problem problem = problem_of([&] {
      sequence.prefill(c.prompt);
      for (const std::int64_t id : c.then) sequence.feed(id);
    });
    EXPECT_EQ(problem.expected, c.expected);
    EXPECT_EQ(problem.got, c.got);
    EXPECT_NE(problem.where.find("the text"), std::string::npos);
  }
}

TEST(Sequence, GoesOnAfterATokenThatItRefused) {
  const auto dense = plugin_method("dense");
  const RunSettings settings = settings_of(*dense, 6);
  const Indices ids = ids_of(6);
  Sequence sequence(tiny().model(), *dense, settings, "one", 6);
  EXPECT_THROW(sequence.prefill({1, 40}), Error);
  sequence.prefill({ids.begin(), ids.begin() + 3});
  EXPECT_THROW(sequence.feed(40), Error);
  EXPECT_EQ(sequence.ids().size(), 3U);
  expect_same_bits(fed(sequence, ids, 3, ids.size()), decoded(*dense, settings, ids, 3));
}

TEST(Sequence, RefusesMoreTokensThanTheModelCanRun) {
  const ScratchFolder folder;
  nlohmann::json config = config_json(TinyShape());
  write_model(folder.path(), TinyShape(), tiny().weights());
  config["model_type"] = "mistral";
  config["sliding_window"] = 12;
  write_file_atomically(folder.path() / "config.json", config.dump());
  const auto model = Model::load(model_in(folder.path()));
  const auto dense = plugin_method("dense");
  const RunSettings settings = settings_of(*dense, 12);
  EXPECT_NO_THROW(Sequence(*model, *dense, settings, "one", 12));
  EXPECT_THROW(Sequence(*model, *dense, settings, "one", 13), Error);
}

}  // namespace
}  // namespace pressroom::sequence_test
