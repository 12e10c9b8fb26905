// Whole runs under the constraints of servers, on both engines.
#include <ATen/ATen.h>

#include <numeric>

#include "admission/admitted_run.h"
#include "admission/bind_method.h"
#include "config/config.h"
#include "config/plugin_use.h"
#include "engine/eviction/eviction.h"
#include "engine/eviction/server_checks.h"
#include "engine/invariants.h"
#include "engine_comparison.h"
#include "every_method.h"
#include "stream_test_support.h"

namespace pressroom::server_runs_test {
namespace {

constexpr std::int64_t kTokens = 60;
constexpr Engine kEngines[] = {Engine::kReplay, Engine::kDecode};

DocumentRun run(Engine engine, const Model& model, const Method& method,
                const RunSettings& settings, const TokenDocument& document) {
  return run_documents(engine, model, method, settings, {document}, RunControl()).front();
}

RunSettings settings_under(const std::string& protocol, const Method& method, std::int64_t budget) {
  RunSettings settings = settings_of(method, budget);
  settings.protocol = parse_protocol(protocol, "test");
  return settings;
}

// The score of an entry at birth: no order that a rule could give by chance.
float birth_score(std::int64_t head, std::int64_t position) {
  return static_cast<float>(RandomKey(77).with(head).with(position).bits() % 1000);
}

std::shared_ptr<TestMethod> birth_method(std::int64_t sinks, std::int64_t recents) {
  auto method = std::make_shared<TestMethod>(Ranking::kBirthScore);
  method->eviction_plan.sinks = sinks;
  method->eviction_plan.recents = recents;
  method->on_birth_scores = [](const PolicyContext&, const EntriesView& entries) {
    at::Tensor scores = at::empty({2, entries.size()}, at::kFloat);
    const at::Tensor positions = entries.positions();
    for (std::int64_t head = 0; head < 2; ++head) {
      for (std::int64_t i = 0; i < entries.size(); ++i) {
        scores[head][i] = birth_score(head, positions[i].item<std::int64_t>());
      }
    }
    return scores;
  };
  return method;
}

// What leaves under stream, found by looking at every page after every token: the definition of
// docs/protocol.md in the plainest way.
struct Reference {
  std::int64_t page = 1;
  bool together = false;
  std::int64_t sinks = 0, recents = 0, budget = 0;

  double mean(std::int64_t head, std::int64_t first) const {
    double sum = 0;
    for (std::int64_t j = first; j < first + page; ++j) {
      sum += together ? (birth_score(0, j) + birth_score(1, j)) / 2.0 : birth_score(head, j);
    }
    return sum / static_cast<double>(page);
  }

  std::vector<std::int32_t> evicted_after(std::int64_t head) const {
    std::vector<std::int32_t> left(kTokens, kNeverLeaves);
    std::int64_t held = 0;
    for (std::int64_t t = 0; t < kTokens; ++t) {
      ++held;
      while (held > budget) {
        std::int64_t lowest = -1;
        for (std::int64_t first = 0; first + page <= t + 1; first += page) {
          if (left[first] != kNeverLeaves || first < sinks) continue;
          // The last `recents` entries that are held; none of them has left before an older one.
          if (first + page > t + 1 - recents) continue;
          if (lowest < 0 || mean(head, first) < mean(head, lowest)) lowest = first;
        }
        for (std::int64_t j = lowest; j < lowest + page; ++j) {
          left[j] = static_cast<std::int32_t>(t);
        }
        held -= page;
      }
    }
    return left;
  }
};

TEST(ServerRuns, LetLeaveWhatTheDefinitionSays) {
  const TinyModel tiny(TinyShape(), RandomKey(3));
  const TokenDocument document = {"one", random_ids(kTokens, tiny.shape(), RandomKey(4))};
  struct Case {
    const char* protocol;
    Reference reference;
  };
  for (const Case& c :
       {Case{"{kind: stream, evict_in_blocks: 4}", {4, false, 0, 0, 16}},
        {"{kind: stream, evict_in_blocks: 4}", {4, false, 3, 5, 20}},
        {"{kind: stream, evict_in_blocks: 16}", {16, false, 4, 2, 48}},
        {"{kind: stream, heads: together}", {1, true, 2, 3, 13}},
        {"{kind: stream, evict_in_blocks: 8, heads: together}", {8, true, 2, 3, 32}},
        {"{kind: stream, evict_in_blocks: 8, append_only: true}", {8, false, 0, 0, 24}}}) {
    const auto method = birth_method(c.reference.sinks, c.reference.recents);
    const RunSettings settings = settings_under(c.protocol, *method, c.reference.budget);
    for (const Engine engine : kEngines) {
      const DocumentRun got = run(engine, tiny.model(), *method, settings, document);
      EXPECT_NO_THROW(check_invariants(got, settings, document));
      for (const auto& layer : got.evictions) {
        for (std::int64_t head = 0; head < 2; ++head) {
          EXPECT_EQ(layer[head].evicted_after, c.reference.evicted_after(head))
              << c.protocol << ", " << to_string(engine) << ", head " << head;
        }
      }
    }
  }
}

// A statistic that heads share is its mean over them, whoever says that they share: the method, or
// the server.
TEST(ServerRuns, HeadsTogetherAreHeadsThatShare) {
  const TinyModel tiny(TinyShape(), RandomKey(5));
  const TokenDocument document = {"one", random_ids(kTokens, tiny.shape(), RandomKey(6))};
  const auto alone = plugin_method("h2o");
  const auto shared = plugin_method("h2o", {{"share", std::string("layer")}});
  for (const Engine engine : kEngines) {
    const DocumentRun free =
        run(engine, tiny.model(), *alone, settings_under("stream", *alone, 16), document);
    const DocumentRun constrained =
        run(engine, tiny.model(), *alone,
            settings_under("{kind: stream, heads: together}", *alone, 16), document);
    const DocumentRun expected =
        run(engine, tiny.model(), *shared, settings_under("stream", *shared, 16), document);
    EXPECT_NE(constrained.kept, free.kept);
    EXPECT_EQ(constrained.kept, expected.kept);
    EXPECT_EQ(constrained.nll_nats, expected.nll_nats);
  }
}

// Memory alone is counted otherwise: by hand, a window of the last 8 entries, pages of 16.
TEST(ServerRuns, AppendOnlyCountsPagesAndChangesNothingElse) {
  const TinyModel tiny(TinyShape(), RandomKey(7));
  const TokenDocument document = {"one", random_ids(kTokens, tiny.shape(), RandomKey(8))};
  auto window = std::make_shared<TestMethod>(Ranking::kBirthScore);
  window->on_birth_scores = [](const PolicyContext&, const EntriesView& entries) {
    return entries.positions().to(at::kFloat).expand({2, entries.size()}).contiguous();
  };
  for (const Engine engine : kEngines) {
    const DocumentRun free =
        run(engine, tiny.model(), *window, settings_under("stream", *window, 8), document);
    const DocumentRun got =
        run(engine, tiny.model(), *window,
            settings_under("{kind: stream, append_only: true}", *window, 8), document);
    EXPECT_EQ(got.nll_nats, free.nll_nats);
    EXPECT_EQ(got.kept, free.kept);
    std::vector<std::int64_t> in_pages;
    for (std::int64_t t = 0; t < kTokens; ++t) {
      // The window begins at t - 7, and with it the page that this lies in.
      const std::int64_t first = std::max<std::int64_t>(t - 7, 0) / 16 * 16;
      in_pages.push_back(4 * (t + 1 - first));
    }
    EXPECT_EQ(got.entries_per_step, in_pages);
    EXPECT_EQ(got.peak_entries_per_head, 23);  // 16 of a page of which one is left, 7 of the next
    EXPECT_EQ(free.peak_entries_per_head, 8);
  }
}

// 20 tokens of a prompt, and 10 of what follows: the newest, as the scores are positions.
TEST(ServerRuns, KeepThePromptAndEvictBehindIt) {
  const TinyModel tiny(TinyShape(), RandomKey(9));
  const TokenDocument document = {"one", random_ids(kTokens, tiny.shape(), RandomKey(10))};
  auto window = std::make_shared<TestMethod>(Ranking::kScore);
  window->on_score = [](const PolicyContext& context, const HeadView& head) {
    EXPECT_EQ(context.context_tokens, kTokens) << "what a sparsity is of";
    return head.positions().to(at::kFloat);
  };
  const std::string protocol =
      "{kind: prefill, prefill_tokens: 20, continuation: hold, keep_prompt: true";
  std::vector<std::int64_t> expected(20);
  std::iota(expected.begin(), expected.end(), 0);
  for (std::int64_t position = 50; position < kTokens; ++position) expected.push_back(position);
  for (const Engine engine : kEngines) {
    const RunSettings settings = settings_under(protocol + "}", *window, 30);
    const DocumentRun got = run(engine, tiny.model(), *window, settings, document);
    EXPECT_NO_THROW(check_invariants(got, settings, document));
    for (const auto& layer : got.kept) {
      for (const auto& head : layer) EXPECT_EQ(head, expected);
    }
    // In pages of 8 the prompt has 3, 4 tokens behind it among them, and 5 pages in all: the last
    // one fills up, 56 .. 59, and one before it stays.
    const RunSettings in_pages = settings_under(protocol + ", evict_in_blocks: 8}", *window, 40);
    const DocumentRun paged = run(engine, tiny.model(), *window, in_pages, document);
    EXPECT_NO_THROW(check_invariants(paged, in_pages, document));
    std::vector<std::int64_t> held(24);
    std::iota(held.begin(), held.end(), 0);
    for (std::int64_t position = 48; position < kTokens; ++position) held.push_back(position);
    for (const auto& layer : paged.kept) {
      for (const auto& head : layer) EXPECT_EQ(head, held);
    }
  }
}

// A budget of the whole document is dense under any constraint.
TEST(ServerRuns, WithRoomForEverythingAreDense) {
  const TinyModel tiny(TinyShape(), RandomKey(11));
  const TokenDocument document = {"one", random_ids(kTokens, tiny.shape(), RandomKey(12))};
  const auto method = plugin_method("h2o");
  const auto dense = plugin_method("dense");
  for (const Engine engine : kEngines) {
    const DocumentRun expected =
        run(engine, tiny.model(), *dense, settings_under("stream", *dense, kTokens), document);
    const DocumentRun got = run(
        engine, tiny.model(), *method,
        settings_under("{kind: stream, evict_in_blocks: 16, heads: together}", *method, kTokens),
        document);
    EXPECT_EQ(got.nll_nats, expected.nll_nats) << to_string(engine);
  }
}

constexpr const char* kProtocols[] = {
    "{kind: stream, evict_in_blocks: 4}",
    "{kind: stream, heads: together}",
    "{kind: stream, evict_in_blocks: 8, heads: together, append_only: true}",
    "{kind: chunked, chunk_size: 7, evict_in_blocks: 4}",
    "{kind: prefill, prefill_tokens: 38, evict_in_blocks: 4, heads: together}",
    "{kind: prefill, prefill_tokens: 38, continuation: hold, evict_in_blocks: 4}",
    "{kind: prefill, prefill_tokens: 9, continuation: hold, keep_prompt: true}",
    "{kind: prefill, prefill_tokens: 9, continuation: hold, keep_prompt: true, evict_in_blocks: "
    "4}"};

// Every method that can run under them: one answer of both engines, and every invariant.
TEST(ServerRuns, GiveOneAnswerOnBothEngines) {
  PluginHost host({plugin_dir()});
  const ModelFiles files = model_in(test_dir() / "goldens/models/llama3_rope");
  const std::unique_ptr<Model> model = Model::load(files);
  TinyShape shape;
  shape.vocabulary = model->facts().vocabulary;
  const TokenDocument document = {"one", random_ids(kTokens, shape, RandomKey(31))};
  int runs = 0;
  int parted = 0;
  for (const char* yaml : kEveryMethod) {
    const auto method =
        make_configured_method(parse_plugin_use(yaml, PluginKind::kMethod, "test", host), host);
    bind_method(*method, yaml, files, model->facts());
    int allowed = 0;
    for (const char* protocol : kProtocols) {
      SCOPED_TRACE(std::string(yaml) + ", " + protocol);
      RunTerms terms;
      terms.name = terms.where = yaml;
      terms.context_tokens = kTokens;
      terms.settings = settings_under(protocol, *method, 24);
      terms.settings.threads = 2;
      plan_run(*method, Positions::kOriginal, terms);
      if (refusal_of(terms) || terms.settings.plan.couples_layers) continue;
      ++allowed;
      ++runs;
      const DocumentRun replayed = run(Engine::kReplay, *model, *method, terms.settings, document);
      const DocumentRun decoded = run(Engine::kDecode, *model, *method, terms.settings, document);
      EXPECT_NO_THROW(check_invariants(replayed, terms.settings, document));
      EXPECT_NO_THROW(check_invariants(decoded, terms.settings, document));
      EXPECT_EQ(replayed.bytes_per_entry, decoded.bytes_per_entry);
      if (const auto parting = first_parting(replayed, decoded)) {
        ++parted;
        std::cout << "parted: " << yaml << ", " << protocol << "\n"
                  << text(*parting, "replay", "decode");
        continue;
      }
      EXPECT_EQ(replayed.entries_per_step, decoded.entries_per_step);
      EXPECT_LE(largest_difference(replayed.nll_nats, decoded.nll_nats), 1e-4);
    }
    RecordProperty(yaml, allowed);
  }
  EXPECT_GT(runs, 200);
  EXPECT_LE(parted, runs / 50) << "of " << runs;
}

}  // namespace
}  // namespace pressroom::server_runs_test
