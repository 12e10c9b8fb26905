// The methods that come with Pressroom, as the plugins they are: against the reference, against the
// papers' descriptions, and for the properties that every method has.
#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "stream_test_support.h"

namespace pressroom::methods_test {
namespace {

using Indices = std::vector<std::int64_t>;
using Given = std::map<std::string, ParameterValue>;

const std::int64_t kNone = 0;

Given protecting(std::int64_t sinks, std::int64_t recents) {
  return {{"n_sink", sinks}, {"recent", tokens(recents)}};
}

struct Configured {
  std::string label;
  std::unique_ptr<Method> method;
};

std::vector<Configured> all_methods() {
  std::vector<Configured> methods;
  const auto add = [&](const std::string& label, const std::string& name, const Given& given) {
    methods.push_back({label, plugin_method(name, given)});
  };
  add("dense", "dense", {});
  add("streaming_llm", "streaming_llm", {{"n_sink", std::int64_t{2}}});
  add("window", "streaming_llm", {{"n_sink", kNone}});
  add("h2o", "h2o", {});
  add("h2o with sinks", "h2o", protecting(1, 3));
  add("knorm", "knorm", {});
  add("knorm with recents", "knorm", protecting(2, 2));
  add("random", "random", {});
  add("random with sinks", "random", protecting(2, 0));
  return methods;
}

std::vector<TinyShape> some_shapes() {
  std::vector<TinyShape> shapes(3);
  shapes[1].kv_heads = 4;
  shapes[1].head_dim = 6;
  shapes[1].attention_bias = true;
  shapes[2].layers = 1;
  shapes[2].kv_heads = 1;
  shapes[2].tied_embeddings = true;
  return shapes;
}

// Calls `check(tiny, ids)` for a few random models and documents with repeated tokens.
void for_tiny_models(std::int64_t length,
                     const std::function<void(const TinyModel&, const Indices&)>& check) {
  const std::vector<TinyShape> shapes = some_shapes();
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    SCOPED_TRACE("shape " + std::to_string(i));
    const RandomKey random = RandomKey(77).with(static_cast<std::int64_t>(i));
    check(TinyModel(shapes[i], random), random_ids(length, shapes[i], random));
  }
}

constexpr Positions kBothPositions[] = {Positions::kOriginal, Positions::kCacheIndex};

TEST(Methods, AgreeWithTheReferenceUnderEviction) {
  const std::int64_t budget = 10;
  struct Case {
    std::string name;
    Given given;
    ReferenceRule rule;
  };
  const std::vector<Case> cases = {
      {"streaming_llm", {{"n_sink", std::int64_t{3}}}, keep_window(budget, 3)},
      {"h2o", protecting(0, 4), keep_attended(budget, 0, 4)},
      {"h2o", protecting(2, 0), keep_attended(budget, 2, 0)},
      {"knorm", {}, keep_small_keys(budget, 0, 0)},
      {"knorm", protecting(1, 5), keep_small_keys(budget, 1, 5)},
  };
  for_tiny_models(36, [&](const TinyModel& tiny, const Indices& ids) {
    for (const Case& c : cases) {
      for (const Positions positions : kBothPositions) {
        SCOPED_TRACE(c.name + ", positions " + to_string(positions));
        const auto method = plugin_method(c.name, c.given);
        const DocumentRun run =
            run_one(tiny.model(), *method, settings_of(*method, budget, positions), ids);
        const ReferenceRun reference = reference_run(tiny.shape(), tiny.weights(), ids, c.rule,
                                                     positions == Positions::kCacheIndex);
        EXPECT_EQ(run.kept, reference.kept);
        EXPECT_LE(largest_difference(run.nll_nats, reference.nll_nats), 1e-5);
      }
    }
  });
}

TEST(Methods, AreDenseToTheBitWhileTheBudgetHoldsTheDocument) {
  for_tiny_models(18, [](const TinyModel& tiny, const Indices& ids) {
    const DocumentRun dense = run_dense(tiny.model(), ids);
    for (const Configured& c : all_methods()) {
      for (const std::int64_t budget : {18, 19, 1000}) {
        const DocumentRun run = run_one(tiny.model(), *c.method,
                                        settings_of(*c.method, budget, Positions::kOriginal), ids);
        EXPECT_EQ(run.nll_nats, dense.nll_nats) << c.label << ", budget " << budget;
        EXPECT_EQ(run.kept, dense.kept) << c.label << ", budget " << budget;
      }
    }
  });
}

// While nothing has left, index and position are one.
TEST(Methods, DoNotFeelThePositionsUntilSomethingLeaves) {
  for_tiny_models(18, [](const TinyModel& tiny, const Indices& ids) {
    const std::int64_t budget = 8;
    for (const Configured& c : all_methods()) {
      const auto run = [&](Positions positions) {
        return run_one(tiny.model(), *c.method, settings_of(*c.method, budget, positions), ids);
      };
      const DocumentRun original = run(Positions::kOriginal);
      const DocumentRun by_index = run(Positions::kCacheIndex);
      // Step t holds t + 1 <= budget + 1 entries: the steps up to `budget` see no eviction.
      for (std::int64_t t = 0; t <= budget; ++t) {
        EXPECT_EQ(by_index.nll_nats[t], original.nll_nats[t]) << c.label << ", step " << t;
      }
      // What a plain window holds has no gaps: its indices are its positions less one number, which
      // rotary products do not feel.
      if (c.label == "window") {
        EXPECT_NEAR(by_index.nll_nats.back(), original.nll_nats.back(), 1e-4);
        continue;
      }
      const bool evicts = c.method->plan(budget).ranking != Ranking::kNone;
      EXPECT_EQ(by_index.nll_nats != original.nll_nats, evicts) << c.label;
    }
  });
}

TEST(Methods, RespectTheBudgetAtEveryStep) {
  for_tiny_models(24, [](const TinyModel& tiny, const Indices& ids) {
    const std::int64_t heads = tiny.shape().layers * tiny.shape().kv_heads;
    for (const Configured& c : all_methods()) {
      for (const std::int64_t budget : {5, 8, 13}) {
        for (const Positions positions : kBothPositions) {
          const DocumentRun run =
              run_one(tiny.model(), *c.method, settings_of(*c.method, budget, positions), ids);
          const bool evicts = c.method->plan(budget).ranking != Ranking::kNone;
          for (std::int64_t t = 0; t < 24; ++t) {
            const std::int64_t held = evicts ? std::min(t + 1, budget) : t + 1;
            EXPECT_EQ(run.entries_per_step[t], heads * held)
                << c.label << ", budget " << budget << ", step " << t;
          }
          EXPECT_EQ(run.peak_entries_per_head, evicts ? budget : 24);
        }
      }
    }
  });
}

// A document's first t tokens are a run of their own, so what it holds after each step can be seen.
TEST(Methods, NeverBringBackWhatHasLeft) {
  const std::int64_t length = 22;
  for_tiny_models(length, [&](const TinyModel& tiny, const Indices& ids) {
    for (const Configured& c : all_methods()) {
      const RunSettings settings = settings_of(*c.method, 6);
      DocumentRun before;
      for (std::int64_t t = 2; t <= length; ++t) {
        const Indices prefix(ids.begin(), ids.begin() + t);
        DocumentRun run = run_one(tiny.model(), *c.method, settings, prefix);
        for (std::size_t layer = 0; layer < before.kept.size(); ++layer) {
          for (std::size_t head = 0; head < before.kept[layer].size(); ++head) {
            Indices allowed = before.kept[layer][head];
            allowed.push_back(t - 1);
            const Indices& kept = run.kept[layer][head];
            EXPECT_TRUE(std::includes(allowed.begin(), allowed.end(), kept.begin(), kept.end()))
                << c.label << ", layer " << layer << ", head " << head << ", step " << t - 1;
          }
        }
        // The prefix is scored alike: the future has no say.
        for (std::size_t i = 0; i < before.nll_nats.size(); ++i) {
          EXPECT_EQ(run.nll_nats[i], before.nll_nats[i]) << c.label << ", target " << i + 1;
        }
        before = std::move(run);
      }
    }
  });
}

TEST(Methods, AreCausal) {
  for_tiny_models(24, [](const TinyModel& tiny, const Indices& ids) {
    for (const Configured& c : all_methods()) {
      const RunSettings settings = settings_of(*c.method, 7);
      const DocumentRun run = run_one(tiny.model(), *c.method, settings, ids);
      for (const std::int64_t changed : {3, 10, 23}) {
        Indices others = ids;
        others[changed] = (others[changed] + 1) % tiny.shape().vocabulary;
        const DocumentRun other = run_one(tiny.model(), *c.method, settings, others);
        // nll_nats[i] is that of token i + 1.
        for (std::int64_t i = 0; i + 1 < changed; ++i) {
          EXPECT_EQ(other.nll_nats[i], run.nll_nats[i]) << c.label << ", changed " << changed;
        }
        EXPECT_NE(other.nll_nats[changed - 1], run.nll_nats[changed - 1]) << c.label;
      }
    }
  });
}

void expect_kept_everywhere(const DocumentRun& run, const Indices& expected) {
  for (const auto& layer : run.kept) {
    for (const Indices& head : layer) EXPECT_EQ(head, expected);
  }
}

// Sinks 0 .. a - 1 and the newest w of T tokens: a = 2, w = 3, T = 8 leaves {0, 1, 5, 6, 7}.
TEST(StreamingLlm, KeepsSinksAndTheNewest) {
  const TinyModel tiny(TinyShape(), RandomKey(5));
  for (std::int64_t sinks = 0; sinks <= 4; ++sinks) {
    const auto method = plugin_method("streaming_llm", {{"n_sink", sinks}});
    for (const std::int64_t length : {5, 6, 8, 21}) {
      const Indices ids = random_ids(length, TinyShape(), RandomKey(6));
      Indices expected(static_cast<std::size_t>(sinks));
      std::iota(expected.begin(), expected.end(), 0);
      for (std::int64_t p = length - (5 - sinks); p < length; ++p) expected.push_back(p);
      expect_kept_everywhere(run_one(tiny.model(), *method, settings_of(*method, 5), ids),
                             expected);
    }
  }
  const auto method = plugin_method("streaming_llm", {{"n_sink", std::int64_t{2}}});
  const Indices ids = random_ids(8, TinyShape(), RandomKey(6));
  expect_kept_everywhere(run_one(tiny.model(), *method, settings_of(*method, 5), ids),
                         {0, 1, 5, 6, 7});
}

// As the paper has it: keys and query take the positions of the cache.
TEST(StreamingLlm, RotatesByCacheIndexUnlessToldOtherwise) {
  EXPECT_EQ(plugin_method("streaming_llm")->plan(8).positions, Positions::kCacheIndex);
  for (const char* name : {"dense", "h2o", "knorm", "random"}) {
    EXPECT_EQ(plugin_method(name)->plan(8).positions, Positions::kOriginal) << name;
  }
}

TEST(StreamingLlm, IsDenseInBothConventionsWhileNothingLeaves) {
  const TinyModel tiny(TinyShape(), RandomKey(5));
  const Indices ids = random_ids(16, TinyShape(), RandomKey(6));
  const auto method = plugin_method("streaming_llm");
  const DocumentRun dense = run_dense(tiny.model(), ids);
  for (const Positions positions : kBothPositions) {
    const DocumentRun run =
        run_one(tiny.model(), *method, settings_of(*method, 16, positions), ids);
    EXPECT_EQ(run.nll_nats, dense.nll_nats) << to_string(positions);
  }
}

TEST(H2o, WithARecentWindowOfTheWholeBudgetIsAPlainWindow) {
  for_tiny_models(24, [](const TinyModel& tiny, const Indices& ids) {
    const auto h2o = plugin_method("h2o", protecting(0, 7));
    const auto window = plugin_method("streaming_llm", {{"n_sink", kNone}});
    const auto run = [&](const Method& method) {
      return run_one(tiny.model(), method, settings_of(method, 7, Positions::kOriginal), ids);
    };
    EXPECT_EQ(run(*h2o).kept, run(*window).kept);
    EXPECT_EQ(run(*h2o).nll_nats, run(*window).nll_nats);
  });
}

TEST(H2o, SplitsTheBudgetInHalfByDefault) {
  for (const std::int64_t budget : {7, 8, 96}) {
    EXPECT_EQ(plugin_method("h2o")->plan(budget).recents, budget / 2);
    EXPECT_EQ(plugin_method("h2o")->plan(budget).sinks, 0);
  }
}

// One token over and over: in the first layer every key has the same norm, before and after
// rotation, so the tie rule alone decides and the newest stay.
TEST(Knorm, KeepsTheNewerOfEqualKeys) {
  TinyShape shape;
  shape.layers = 1;
  const TinyModel tiny(shape, RandomKey(8));
  const auto method = plugin_method("knorm");
  for (const Positions positions : kBothPositions) {
    const DocumentRun run =
        run_one(tiny.model(), *method, settings_of(*method, 4, positions), Indices(15, 3));
    expect_kept_everywhere(run, {11, 12, 13, 14});
  }
}

// A score at birth outlives everything: the entries kept are the best of all there were.
TEST(Random, KeepsASampleThatDependsOnSeedDocumentLayerAndHeadAlone) {
  const TinyModel tiny(TinyShape(), RandomKey(8));
  const Indices ids = random_ids(60, TinyShape(), RandomKey(9));
  const auto method = plugin_method("random");
  const auto kept = [&](std::uint64_t seed, const std::string& document, const Indices& tokens) {
    RunSettings settings = settings_of(*method, 20);
    settings.random = RandomKey(seed);
    return decode_documents(tiny.model(), *method, settings, {{document, tokens}}, RunControl())
        .front()
        .kept;
  };
  const auto first = kept(1, "a", ids);
  std::set<Indices> samples;
  for (const auto& layer : first) samples.insert(layer.begin(), layer.end());
  EXPECT_EQ(samples.size(), 4U) << "two layers of two heads";
  EXPECT_EQ(kept(1, "a", ids), first);
  EXPECT_EQ(kept(1, "a", random_ids(60, TinyShape(), RandomKey(10))), first);
  EXPECT_NE(kept(2, "a", ids), first);
  EXPECT_NE(kept(1, "b", ids), first);
}

// Over many seeds every position stays equally often: 400 draws of 5 in 20, so 100 times each, give
// or take 9 (the standard deviation); 5 of those are never seen.
TEST(Random, KeepsEveryPositionEquallyOften) {
  TinyShape shape;
  shape.layers = 1;
  const TinyModel tiny(shape, RandomKey(8));
  const Indices ids = random_ids(20, shape, RandomKey(9));
  const auto method = plugin_method("random");
  std::vector<int> times(20, 0);
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    RunSettings settings = settings_of(*method, 5);
    settings.random = RandomKey(seed);
    const DocumentRun run = run_one(tiny.model(), *method, settings, ids);
    for (const Indices& head : run.kept[0]) {
      for (const std::int64_t position : head) ++times[position];
    }
  }
  for (const int count : times) EXPECT_NEAR(count, 100, 45);
}

}  // namespace
}  // namespace pressroom::methods_test
