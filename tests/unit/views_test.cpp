// What a policy is shown, compared with the reference and with projections done by hand.
#include "engine/eviction/views.h"

#include <ATen/ATen.h>

#include <array>

#include "stream_test_support.h"

namespace pressroom::views_test {
namespace {

using Indices = std::vector<std::int64_t>;
using Vector = std::vector<double>;

TinyShape shape_of_views() {
  TinyShape shape;
  shape.query_heads = 6;  // groups of three
  return shape;
}

const TinyModel& tiny() {
  static const TinyModel model(shape_of_views(), RandomKey(51));
  return model;
}

Indices ids_of(std::int64_t count) { return random_ids(count, shape_of_views(), RandomKey(52)); }

// Everything the reference holds at each row of attention, by layer, head and step.
struct ReferenceTrace {
  std::map<std::array<std::int64_t, 3>, ReferenceEntries> entries;

  // `rule` decides; it is called layer by layer, step by step, head by head.
  ReferenceTrace(const Indices& ids, const ReferenceRule& rule, bool by_index) {
    const auto steps = static_cast<std::int64_t>(ids.size());
    const std::int64_t heads = tiny().shape().kv_heads;
    std::int64_t call = 0;
    const ReferenceRule tracing = [&](const ReferenceEntries& present) {
      entries[{call / heads / steps, call % heads, call / heads % steps}] = present;
      ++call;
      return rule(present);
    };
    reference_run(tiny().shape(), tiny().weights(), ids, tracing, by_index);
  }
};

void expect_near(const at::Tensor& got, const Vector& expected, const std::string& what) {
  ASSERT_EQ(got.numel(), static_cast<std::int64_t>(expected.size())) << what;
  ASSERT_EQ(got.scalar_type(), at::kFloat) << what;
  const at::Tensor flat = got.contiguous().view({-1});
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_NEAR(flat.data_ptr<float>()[i], expected[i], 2e-5) << what << ", value " << i;
  }
}

Vector turned(const Vector& x, std::int64_t position) {
  Vector out(x.size());
  const std::size_t half = x.size() / 2;
  for (std::size_t i = 0; i < half; ++i) {
    const double angle =
        static_cast<double>(position) *
        std::pow(10000, -2 * static_cast<double>(i) / static_cast<double>(x.size()));
    out[i] = x[i] * std::cos(angle) - x[i + half] * std::sin(angle);
    out[i + half] = x[i + half] * std::cos(angle) + x[i] * std::sin(angle);
  }
  return out;
}

void append(Vector& to, const Vector& values) { to.insert(to.end(), values.begin(), values.end()); }

constexpr std::int64_t kBudget = 5;

// A method that keeps what the reference rule `keep_window(kBudget, 1)` keeps and shows every head
// of every event to `look`.
TestMethod looking(const std::function<void(std::int64_t layer, const HeadView& head)>& look) {
  TestMethod method(Ranking::kKeep);
  method.on_keep = [look](const PolicyContext&, const LayerView& layer) {
    std::vector<at::Tensor> kept;
    for (std::int64_t g = 0; g < layer.kv_heads(); ++g) {
      const HeadView& head = layer.head(g);
      EXPECT_EQ(head.kv_head(), g);
      look(layer.layer(), head);
      const at::Tensor all = at::arange(head.size(), at::kLong);
      kept.push_back(head.size() <= kBudget ? all : at::cat({all.slice(0, 0, 1), all.slice(0, 2)}));
    }
    return kept;
  };
  return method;
}

TEST(HeadViews, ShowEntriesInBothPositions) {
  const Indices ids = ids_of(12);
  for (const Positions positions : {Positions::kOriginal, Positions::kCacheIndex}) {
    const bool by_index = positions == Positions::kCacheIndex;
    const ReferenceTrace trace(ids, keep_window(kBudget, 1), by_index);
    std::int64_t looks = 0;
    TestMethod method = looking([&](std::int64_t layer, const HeadView& head) {
      ++looks;
      const std::int64_t step = head.positions()[-1].item<std::int64_t>();
      const ReferenceEntries& entries = trace.entries.at({layer, head.kv_head(), step});
      ASSERT_EQ(head.size(), static_cast<std::int64_t>(entries.size()));
      ASSERT_EQ(head.keys().sizes(), (at::IntArrayRef{head.size(), 4}));
      Vector keys, keys_before, values;
      for (std::size_t j = 0; j < entries.size(); ++j) {
        EXPECT_EQ(head.positions()[j].item<std::int64_t>(), entries[j].position);
        EXPECT_EQ(head.token_ids()[j].item<std::int64_t>(), ids[entries[j].position]);
        append(keys, turned(entries[j].key,
                            by_index ? static_cast<std::int64_t>(j) : entries[j].position));
        append(keys_before, entries[j].key);
        append(values, entries[j].value);
      }
      expect_near(head.keys(), keys, "keys");
      expect_near(head.keys_before_rope(), keys_before, "keys before rotation");
      expect_near(head.values(), values, "values");
    });
    method.eviction_plan.needs.keys_before_rope = true;
    run_one(tiny().model(), method, settings_of(method, kBudget, positions), ids);
    EXPECT_EQ(looks, 2 * 2 * 12);
  }
}

// The step's own query is included; what has left collects no more.
TEST(HeadViews, ShowTheDeclaredStatisticOfAttention) {
  const Indices ids = ids_of(12);
  const ReferenceTrace trace(ids, keep_window(kBudget, 1), false);
  for (const Signal signal :
       {Signal::kCumulativeAttention, Signal::kMeanAttention, Signal::kLastQueryAttention}) {
    std::int64_t looks = 0;
    TestMethod method = looking([&](std::int64_t layer, const HeadView& head) {
      ++looks;
      const std::int64_t step = head.positions()[-1].item<std::int64_t>();
      Vector expected;
      for (const ReferenceEntry& entry : trace.entries.at({layer, head.kv_head(), step})) {
        double value = entry.attention;
        if (signal == Signal::kMeanAttention)
          value /= static_cast<double>(step - entry.position + 1);
        if (signal == Signal::kLastQueryAttention && entry.position < step) {
          for (const ReferenceEntry& then : trace.entries.at({layer, head.kv_head(), step - 1})) {
            if (then.position == entry.position) value -= then.attention;
          }
        }
        expected.push_back(value);
      }
      expect_near(head.signal(), expected, "signal");
    });
    method.eviction_plan.signal = signal;
    run_one(tiny().model(), method, settings_of(method, kBudget, Positions::kOriginal), ids);
    EXPECT_EQ(looks, 2 * 2 * 12);
  }
}

// Each query hands out 1 per query head: never more than that is held, and all of it until the
// first eviction.
TEST(HeadViews, AccountForEveryQueryOnce) {
  TestMethod method = looking([&](std::int64_t, const HeadView& head) {
    const double queries = 3 * (head.positions()[-1].item<double>() + 1);  // a group of three
    const double collected = head.signal().sum(at::kDouble).item<double>();
    EXPECT_LE(collected, queries + 1e-4);
    if (head.size() == queries / 3) {
      EXPECT_NEAR(collected, queries, 1e-4);
    }
  });
  method.eviction_plan.signal = Signal::kCumulativeAttention;
  run_one(tiny().model(), method, settings_of(method, kBudget), ids_of(30));
}

// In layer 0 the input of attention is the normalised embedding, so projections are a product by
// hand.
Vector by_hand(const std::string& projection, std::int64_t id) {
  const TinyWeights& weights = tiny().weights();
  const TinyTensor& table = weights.at("model.embed_tokens.weight");
  const TinyTensor& norm = weights.at("model.layers.0.input_layernorm.weight");
  const std::int64_t width = table.shape[1];
  double mean_square = 0;
  for (std::int64_t i = 0; i < width; ++i) {
    mean_square += std::pow(table.values[id * width + i], 2) / static_cast<double>(width);
  }
  Vector input;
  for (std::int64_t i = 0; i < width; ++i) {
    input.push_back(table.values[id * width + i] / std::sqrt(mean_square + kTinyNormEpsilon) *
                    norm.values[i]);
  }
  if (projection.empty()) return input;
  const TinyTensor& weight = weights.at("model.layers.0.self_attn." + projection + ".weight");
  Vector out;
  for (std::int64_t row = 0; row < weight.shape[0]; ++row) {
    double sum = 0;
    for (std::int64_t i = 0; i < width; ++i) sum += weight.values[row * width + i] * input[i];
    out.push_back(sum);
  }
  return out;
}

Vector part(const Vector& x, std::int64_t index, std::int64_t width) {
  return Vector(x.begin() + index * width, x.begin() + (index + 1) * width);
}

TEST(HeadViews, ShowTheLastQueriesOfTheGroup) {
  const Indices ids = ids_of(12);
  for (const std::int64_t window : {1, 3, 100}) {
    TestMethod method = looking([&](std::int64_t layer, const HeadView& head) {
      const std::int64_t step = head.positions()[-1].item<std::int64_t>();
      const std::int64_t shown = std::min(window, step + 1);
      ASSERT_EQ(head.queries().sizes(), (at::IntArrayRef{3, shown, 4}));
      ASSERT_EQ(head.queries_before_rope().sizes(), (at::IntArrayRef{3, shown, 4}));
      if (layer > 0) return;
      Vector queries, before;
      for (std::int64_t q = 3 * head.kv_head(); q < 3 * head.kv_head() + 3; ++q) {
        for (std::int64_t t = step + 1 - shown; t <= step; ++t) {
          const Vector query = part(by_hand("q_proj", ids[t]), q, 4);
          append(before, query);
          append(queries, turned(query, t));
        }
      }
      expect_near(head.queries(), queries, "queries");
      expect_near(head.queries_before_rope(), before, "queries before rotation");
    });
    method.eviction_plan.needs.query_window = window;
    method.eviction_plan.needs.keys_before_rope = true;
    run_one(tiny().model(), method, settings_of(method, kBudget, Positions::kOriginal), ids);
  }
}

TEST(HeadViews, RotateTheNewestQueryByCacheIndexWhenKeysAre) {
  const Indices ids = ids_of(12);
  TestMethod method = looking([&](std::int64_t layer, const HeadView& head) {
    if (layer > 0) return;
    const std::int64_t step = head.positions()[-1].item<std::int64_t>();
    const Vector query = part(by_hand("q_proj", ids[step]), 3 * head.kv_head(), 4);
    expect_near(head.queries()[0][0], turned(query, head.size() - 1), "the newest query");
  });
  method.eviction_plan.needs.query_window = 1;
  run_one(tiny().model(), method, settings_of(method, kBudget, Positions::kCacheIndex), ids);
}

TEST(HeadViews, ShowTheColumnsOfTheOutputProjection) {
  TestMethod method = looking([&](std::int64_t layer, const HeadView& head) {
    const TinyTensor& weight =
        tiny().weights().at("model.layers." + std::to_string(layer) + ".self_attn.o_proj.weight");
    Vector expected;
    for (std::int64_t row = 0; row < 16; ++row) {  // W_O is [16, 24]; 12 columns a group
      for (std::int64_t column = 0; column < 12; ++column) {
        expected.push_back(weight.values[row * 24 + 12 * head.kv_head() + column]);
      }
    }
    ASSERT_EQ(head.output_projection().sizes(), (at::IntArrayRef{16, 12}));
    expect_near(head.output_projection(), expected, "W_O");
  });
  method.eviction_plan.needs.output_projection = true;
  run_one(tiny().model(), method, settings_of(method, kBudget), ids_of(7));
}

TEST(HeadViews, RefuseWhatWasNotDeclared) {
  struct Case {
    std::string need;
    std::function<void(const HeadView&)> ask;
  };
  const std::vector<Case> cases = {
      {"EvictionPlan::signal", [](const HeadView& head) { head.signal(); }},
      {"keys_before_rope", [](const HeadView& head) { head.keys_before_rope(); }},
      {"query_window", [](const HeadView& head) { head.queries(); }},
      {"keys_before_rope", [](const HeadView& head) { head.queries_before_rope(); }},
      {"output_projection", [](const HeadView& head) { head.output_projection(); }},
  };
  for (const Case& c : cases) {
    const TestMethod method = looking([&](std::int64_t, const HeadView& head) { c.ask(head); });
    for (const Positions positions : {Positions::kOriginal, Positions::kCacheIndex}) {
      const Problem problem = problem_of([&] {
        run_one(tiny().model(), method, settings_of(method, kBudget, positions), ids_of(7));
      });
      EXPECT_TRUE(has(problem.what, "without declaring it")) << problem.text();
      EXPECT_TRUE(has(problem.expected, c.need)) << problem.text();
      EXPECT_EQ(problem.where, "document, layer 0, kv head 0, step 0");
    }
  }
  // Queries before rotation take two declarations.
  TestMethod half = looking([](std::int64_t, const HeadView& head) { head.queries_before_rope(); });
  half.eviction_plan.needs.keys_before_rope = true;
  const Problem problem =
      problem_of([&] { run_one(tiny().model(), half, settings_of(half, kBudget), ids_of(7)); });
  EXPECT_TRUE(has(problem.expected, "query_window")) << problem.text();
}

// A birth score sees the token alone: its position counts, never the cache.
TEST(EntriesViews, ShowATokenAsItEnters) {
  const Indices ids = ids_of(9);
  for (const Positions positions : {Positions::kOriginal, Positions::kCacheIndex}) {
    TestMethod method(Ranking::kBirthScore);
    method.eviction_plan.needs.attention_input = true;
    std::int64_t next = 0;
    method.on_birth_scores = [&](const PolicyContext& context, const EntriesView& entries) {
      EXPECT_EQ(entries.size(), 1);
      EXPECT_EQ(entries.keys().sizes(), (at::IntArrayRef{2, 1, 4}));
      EXPECT_EQ(entries.attention_input().sizes(), (at::IntArrayRef{1, 16}));
      if (context.layer > 0) return at::zeros({2, 1});
      const std::int64_t step = next++;
      EXPECT_EQ(entries.positions().item<std::int64_t>(), step);
      EXPECT_EQ(entries.token_ids().item<std::int64_t>(), ids[step]);
      const Vector keys = by_hand("k_proj", ids[step]);
      Vector rotated;
      for (std::int64_t g = 0; g < 2; ++g) append(rotated, turned(part(keys, g, 4), step));
      expect_near(entries.keys(), rotated, "keys");
      expect_near(entries.keys_before_rope(), keys, "keys before rotation");
      expect_near(entries.values(), by_hand("v_proj", ids[step]), "values");
      expect_near(entries.attention_input(), by_hand("", ids[step]), "attention input");
      return at::zeros({2, 1});
    };
    run_one(tiny().model(), method, settings_of(method, 4, positions), ids);
    EXPECT_EQ(next, 9);
  }
}

TEST(EntriesViews, RefuseWhatWasNotDeclared) {
  TestMethod method(Ranking::kBirthScore);
  method.on_birth_scores = [](const PolicyContext&, const EntriesView& entries) {
    return entries.attention_input();
  };
  const Problem problem =
      problem_of([&] { run_one(tiny().model(), method, settings_of(method, 4), ids_of(7)); });
  EXPECT_TRUE(has(problem.expected, "attention_input")) << problem.text();
}

// a = 2, w = 3: the step of token 7 attends to 0, 1, 4, 5, 6, 7, at cache indices 0 .. 5.
TEST(HeadViews, ShowWhatAStepAttendedTo) {
  TestMethod method(Ranking::kScore);
  method.eviction_plan.sinks = 2;
  Indices attended;
  method.on_score = [&](const PolicyContext&, const HeadView& head) {
    const at::Tensor positions = head.positions();
    attended.assign(positions.data_ptr<std::int64_t>(),
                    positions.data_ptr<std::int64_t>() + head.size());
    return positions.to(at::kFloat);
  };
  run_one(tiny().model(), method, settings_of(method, 5), ids_of(8));
  EXPECT_EQ(attended, (Indices{0, 1, 4, 5, 6, 7}));
}

}  // namespace
}  // namespace pressroom::views_test
