// Two kernels, one answer: the host's and the portable one let the same entries leave and attend
// alike.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "engine/attention/attention.h"
#include "engine/attention/layer_tensors.h"
#include "engine/attention/sequential_kernel.h"
#include "engine/attention/slot_tensors.h"
#include "engine/eviction/eviction.h"
#include "pressroom/error.h"
#include "pressroom/random.h"

namespace pressroom::portable_kernel_test {
namespace {

constexpr float kMostDifference = 1e-5F;

struct Shape {
  std::int64_t kv_heads, group, head_dim, tokens;
};

struct Case {
  std::string name;
  Shape shape;
  Signal signal = Signal::kCumulativeAttention;  // kNone: ranked by birth scores
  std::int64_t budget = 6;
  std::int64_t sinks = 0, recents = 0, interval = 1;
  std::int64_t pairs = 0;  // of channels that rotation turns; 0: all
  bool is_turned = true;   // by angles other than 0
};

at::Tensor random_tensor(at::IntArrayRef shape, RandomKey random) {
  at::Tensor tensor = at::empty(shape, at::kFloat);
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    const double spread = random.with(i).uniform() + random.with(i).with("more").uniform() - 1;
    tensor.data_ptr<float>()[i] = static_cast<float>(3 * spread);
  }
  return tensor;
}

std::vector<float> frequencies_of(std::int64_t pairs, bool is_turned = true) {
  if (!is_turned) return std::vector<float>(static_cast<std::size_t>(pairs), 0.0F);
  std::vector<float> frequencies;
  for (std::int64_t i = 0; i < pairs; ++i) {
    frequencies.push_back(std::pow(10000.0F, -static_cast<float>(i) / static_cast<float>(pairs)));
  }
  return frequencies;
}

// One layer of one document, as replay hands it to a kernel.
class Layer {
 public:
  Layer(const Case& c, Positions positions, RandomKey random)
      : rotary_(c.shape.head_dim,
                frequencies_of(c.pairs == 0 ? c.shape.head_dim / 2 : c.pairs, c.is_turned),
                c.shape.tokens) {
    const Shape& s = c.shape;
    setup.model.query_heads = s.kv_heads * s.group;
    setup.model.kv_heads = s.kv_heads;
    setup.model.head_dim = s.head_dim;
    setup.plan.ranking = c.signal == Signal::kNone ? Ranking::kBirthScore : Ranking::kSignal;
    setup.plan.signal = c.signal;
    setup.plan.sinks = c.sinks;
    setup.plan.recents = c.recents;
    setup.plan.interval = c.interval;
    setup.budget_tokens = c.budget;
    setup.context_tokens = s.tokens;
    setup.most_entries = std::min(c.budget + c.interval, s.tokens);
    setup.positions = positions;
    setup.rotary = &rotary_;
    schedule = schedule_of(Protocol(), setup.plan, s.tokens);
    // One row more than there are tokens, as products have idle ones.
    qkv = random_tensor({s.tokens + 1, setup.qkv_width()}, random.with("qkv"));
    if (c.signal == Signal::kNone) {
      scores = random_tensor({s.kv_heads, s.tokens}, random.with("scores"));
    }
  }

  LayerTensors tensors() const { return layer_tensors(setup, qkv, schedule.steps.back().end); }

  // The raw key of a head and a token, to be written to.
  at::Tensor key(std::int64_t head, std::int64_t t) {
    const std::int64_t d = setup.model.head_dim;
    return qkv[t].narrow(0, (setup.model.query_heads + head) * d, d);
  }

  LayerSetup setup;
  Schedule schedule;
  at::Tensor qkv, scores;

 private:
  RotaryTable rotary_;
};

struct Attended {
  at::Tensor out;
  std::vector<EvictionLog> evictions;
};

Attended run(const SequentialKernel& kernel, const Layer& layer) {
  const LayerTensors tensors = layer.tensors();
  const ModelFacts& model = layer.setup.model;
  Attended attended;
  attended.out = at::full(
      {tensors.keys.size(1), model.kv_heads, model.group_size(), model.head_dim}, NAN, at::kFloat);
  attended.evictions =
      kernel.attend({layer.setup, layer.schedule, 3, tensors, layer.scores}, attended.out, 2);
  return attended;
}

void expect_equal_scores(const std::vector<float>& a, const std::vector<float>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t j = 0; j < a.size(); ++j) {
    if (std::isnan(a[j]) || std::isinf(a[j])) {
      EXPECT_EQ(std::isnan(a[j]), std::isnan(b[j])) << j;
      EXPECT_EQ(std::isinf(a[j]), std::isinf(b[j])) << j;
    } else {
      EXPECT_NEAR(a[j], b[j], kMostDifference) << j;
    }
  }
}

void expect_one_answer(const Layer& layer) {
  const Attended slots = run(slot_kernel(), layer);
  const Attended portable = run(portable_kernel(), layer);
  EXPECT_LE((slots.out - portable.out).abs().max().item<float>(), kMostDifference);
  ASSERT_EQ(slots.evictions.size(), portable.evictions.size());
  for (std::size_t head = 0; head < slots.evictions.size(); ++head) {
    EXPECT_EQ(slots.evictions[head].evicted_after, portable.evictions[head].evicted_after) << head;
    expect_equal_scores(slots.evictions[head].score, portable.evictions[head].score);
    const auto held = static_cast<std::int64_t>(portable.evictions[head].kept().size());
    EXPECT_LT(held, layer.setup.budget_tokens + layer.setup.plan.interval);
  }
}

const std::vector<Case>& cases() {
  constexpr Signal kCumulative = Signal::kCumulativeAttention;
  constexpr Signal kMean = Signal::kMeanAttention;
  constexpr Signal kLast = Signal::kLastQueryAttention;
  static const std::vector<Case> all = {
      {"one head", {1, 1, 4, 20}, kCumulative, 6},
      {"cumulative", {2, 3, 8, 150}, kCumulative, 17},
      {"cumulative, sinks and recents", {3, 2, 6, 90}, kCumulative, 20, 4, 5},
      {"cumulative, lazy", {2, 2, 8, 100}, kCumulative, 12, 1, 3, 7},
      {"cumulative, half of the channels turned", {2, 1, 16, 70}, kCumulative, 9, 0, 0, 1, 4},
      {"mean", {4, 1, 8, 80}, kMean, 10, 0, 3},
      {"mean, lazy", {2, 4, 4, 80}, kMean, 10, 2, 0, 25},
      {"last query", {2, 2, 8, 80}, kLast, 11, 2, 2},
      {"last query, lazy", {1, 5, 10, 60}, kLast, 5, 0, 1, 9},
      {"birth score", {2, 3, 8, 120}, Signal::kNone, 13},
      {"birth score, protected and lazy", {3, 1, 8, 120}, Signal::kNone, 15, 3, 4, 6},
      {"nothing leaves", {2, 2, 8, 40}, kCumulative, 40},
      {"an event before the budget is full", {2, 1, 4, 30}, kCumulative, 20, 0, 0, 4},
      {"budget of one", {2, 2, 4, 25}, kLast, 1},
  };
  return all;
}

TEST(PortableKernel, GivesTheAnswerOfTheSlotKernel) {
  for (const Case& c : cases()) {
    for (const Positions positions : {Positions::kOriginal, Positions::kCacheIndex}) {
      SCOPED_TRACE(c.name + ", " + to_string(positions));
      expect_one_answer(Layer(c, positions, RandomKey(1).with(c.name)));
    }
  }
}

// Scores of few different values, infinite ones among them.
TEST(PortableKernel, BreaksTiesOfBirthScoresAsTheSlotKernelDoes) {
  for (const std::int64_t interval : {1, 5}) {
    Case c = {"ties", {2, 2, 4, 70}, Signal::kNone, 9, 1, 2, interval};
    Layer layer(c, Positions::kCacheIndex, RandomKey(2));
    const float few[] = {-std::numeric_limits<float>::infinity(), -1, 0, 0, 2,
                         std::numeric_limits<float>::infinity()};
    for (std::int64_t i = 0; i < layer.scores.numel(); ++i) {
      const auto draw = static_cast<int>(6 * RandomKey(3).with(i).uniform());
      layer.scores.data_ptr<float>()[i] = few[draw];
    }
    expect_one_answer(layer);
  }
}

// Without rotation equal keys receive equal attention from every query, and tie exactly. Events
// find 16 entries, whole vectors: the host's exponential rounds those of a partial one otherwise.
TEST(PortableKernel, BreaksTiesOfEqualKeysAsTheSlotKernelDoes) {
  for (const std::int64_t interval : {1, 4}) {
    Case c = {"", {2, 3, 16, 90}, Signal::kLastQueryAttention, 16 - interval};
    c.interval = interval;
    c.is_turned = false;
    Layer layer(c, Positions::kOriginal, RandomKey(4));
    for (std::int64_t t = 3; t < 90; ++t) {
      for (std::int64_t head = 0; head < 2; ++head) {
        layer.key(head, t).copy_(layer.key(head, t % 3));
      }
    }
    expect_one_answer(layer);
  }
}

// All attention is equal: the last query ties all entries, and the cumulative sum of an older entry
// is the larger one.
TEST(PortableKernel, DropsTheOldestOfEqualsAndTheNewestOfEqualAttention) {
  const auto left_by = [](Signal signal, std::int64_t sinks) {
    Layer layer({"", {1, 1, 4, 8}, signal, 3, sinks}, Positions::kOriginal, RandomKey(5));
    layer.qkv.narrow(1, 0, 8).zero_();
    return run(portable_kernel(), layer).evictions[0].evicted_after;
  };
  constexpr std::int32_t kStays = kNeverLeaves;
  using Lefts = std::vector<std::int32_t>;
  EXPECT_EQ(left_by(Signal::kLastQueryAttention, 0),
            (Lefts{3, 4, 5, 6, 7, kStays, kStays, kStays}));
  EXPECT_EQ(left_by(Signal::kLastQueryAttention, 2),
            (Lefts{kStays, kStays, 3, 4, 5, 6, 7, kStays}));
  EXPECT_EQ(left_by(Signal::kCumulativeAttention, 0),
            (Lefts{kStays, kStays, kStays, 3, 4, 5, 6, 7}));
}

// Tensors without memory: whatever was read back before the last token would throw.
TEST(PortableKernel, ReadsNothingBackBeforeTheLastToken) {
  const std::int64_t tokens = 20;
  for (const Signal signal : {Signal::kMeanAttention, Signal::kNone}) {
    Layer layer({"", {2, 2, 4, tokens}, signal, 6, 1, 1, 3}, Positions::kOriginal, RandomKey(11));
    LayerTensors tensors = layer.tensors();
    for (at::Tensor* tensor :
         {&tensors.queries, &tensors.keys, &tensors.raw_keys, &tensors.values}) {
      *tensor = tensor->to(at::kMeta);
    }
    if (layer.scores.defined()) layer.scores = layer.scores.to(at::kMeta);
    const SequentialInput input = {layer.setup, layer.schedule, 0, tensors, layer.scores};
    SlotTensors slots(input);
    const at::Tensor out = at::empty({tokens, 2, 2, 4}, tensors.keys.options());
    for (std::int64_t t = 0; t < tokens; ++t) {
      slots.append(t);
      slots.attend(t, out.select(0, t));
      if (layer.schedule.steps[t].evicts) slots.evict(t);
    }
    EXPECT_ANY_THROW(slots.evictions());
  }
}

std::string problem_with(const SequentialKernel& kernel, const Layer& layer) {
  try {
    run(kernel, layer);
  } catch (const Error& error) {
    const Problem& problem = error.problems().front();
    return problem.what + " | " + problem.where + " | " + problem.fix;
  }
  return "no error";
}

TEST(PortableKernel, RefusesNaNAsTheSlotKernelDoes) {
  Layer by_birth({"", {2, 1, 4, 30}, Signal::kNone, 6, 2}, Positions::kOriginal, RandomKey(6));
  by_birth.scores[1][13] = NAN;
  by_birth.scores[1][12] = NAN;
  const std::string expected =
      "a score is NaN | layer 3, kv head 1, position 12 | fix the method: a NaN cannot be ranked";
  EXPECT_EQ(problem_with(portable_kernel(), by_birth), expected);
  EXPECT_EQ(problem_with(slot_kernel(), by_birth), expected);
  by_birth.scores[1][13] = 0;
  by_birth.scores[1][12] = 0;
  by_birth.scores[1][1] = NAN;  // a sink is never ranked
  EXPECT_EQ(problem_with(portable_kernel(), by_birth), "no error");
  EXPECT_EQ(problem_with(slot_kernel(), by_birth), "no error");

  Layer by_signal({"", {1, 2, 4, 30}, Signal::kMeanAttention, 2, 1}, Positions::kOriginal,
                  RandomKey(7));
  by_signal.key(0, 20).fill_(NAN);
  const std::string place = problem_with(slot_kernel(), by_signal);
  EXPECT_EQ(problem_with(portable_kernel(), by_signal), place);
  EXPECT_NE(place.find("the model's own activations are not finite here"), std::string::npos);
}

TEST(PortableKernel, RefusesAttentionThatDoesNotAddUp) {
  Layer layer({"", {1, 1, 4, 80}, Signal::kNone, 70}, Positions::kOriginal, RandomKey(8));
  layer.key(0, 20).fill_(NAN);
  const std::string expected = "invariant violated: I11 attention adds up to 1";
  EXPECT_EQ(problem_with(portable_kernel(), layer).substr(0, expected.size()), expected);
}

// The host's way through known lifetimes, head by head.
at::Tensor attended_on_host(const LayerTensors& tensors,
                            const std::vector<EvictionLog>& evictions) {
  const std::int64_t heads = tensors.queries.size(0);
  const std::int64_t width = tensors.queries.size(1) * tensors.queries.size(3);
  const std::int64_t tokens = tensors.queries.size(2);
  at::Tensor out = at::empty({tokens, heads * width}, at::kFloat);
  for (std::int64_t g = 0; g < heads; ++g) {
    const at::Tensor queries = tensors.queries[g].contiguous();
    const at::Tensor keys = tensors.keys[g].contiguous();
    const at::Tensor values = tensors.values[g].contiguous();
    HeadTokens head;
    head.queries = queries.data_ptr<float>();
    head.keys = keys.data_ptr<float>();
    head.values = values.data_ptr<float>();
    head.group = tensors.queries.size(1);
    head.tokens = tokens;
    head.head_dim = tensors.queries.size(3);
    attend_lifetimes(head, evictions[g].evicted_after, {0, tokens},
                     out.data_ptr<float>() + g * width, heads * width);
  }
  return out;
}

TEST(DeviceLifetimes, GiveTheAnswerOfTheHost) {
  const std::vector<Case> all = {
      {"within a block", {2, 3, 8, 100}, Signal::kNone, 20},
      {"over blocks", {2, 2, 4, 700}, Signal::kNone, 40, 2, 3, 5},
      {"exactly two blocks", {1, 1, 4, 512}, Signal::kNone, 300},
      {"nothing leaves", {3, 1, 6, 300}, Signal::kNone, 300},
  };
  for (const Case& c : all) {
    SCOPED_TRACE(c.name);
    const Layer layer(c, Positions::kOriginal, RandomKey(9).with(c.name));
    const LayerTensors tensors = layer.tensors();
    std::vector<EvictionLog> evictions;
    for (std::int64_t g = 0; g < c.shape.kv_heads; ++g) {
      evictions.push_back(evictions_by_score(layer.scores[g].data_ptr<float>(), layer.schedule,
                                             layer.setup.plan, c.budget, "here"));
    }
    at::Tensor out = at::full({c.shape.tokens, c.shape.kv_heads, c.shape.group, c.shape.head_dim},
                              NAN, at::kFloat);
    attend_lifetimes(tensors, evictions, out);
    const at::Tensor expected = attended_on_host(tensors, evictions).view_as(out);
    EXPECT_LE((out - expected).abs().max().item<float>(), kMostDifference);
    // Scores given at birth may also go token by token.
    EXPECT_LE((run(portable_kernel(), layer).out - expected).abs().max().item<float>(),
              kMostDifference);
  }
}

TEST(TensorRotary, TurnsAsTheTableDoes) {
  const RotaryTable table(10, frequencies_of(3), 50);
  const TensorRotary rotary(table, at::kCPU);
  const at::Tensor x = random_tensor({2, 50, 10}, RandomKey(10));
  const at::Tensor turned = rotary.rotate(x, at::arange(50, at::kLong));
  std::vector<float> expected(10);
  for (std::int64_t g = 0; g < 2; ++g) {
    for (std::int64_t t = 0; t < 50; ++t) {
      table.rotate(x.data_ptr<float>() + (g * 50 + t) * 10, t, expected.data());
      for (std::int64_t c = 0; c < 10; ++c) {
        EXPECT_NEAR(turned[g][t][c].item<float>(), expected[c], 1e-6F) << g << t << c;
      }
    }
  }
}

}  // namespace
}  // namespace pressroom::portable_kernel_test
