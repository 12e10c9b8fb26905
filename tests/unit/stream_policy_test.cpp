// What the decode engine asks of a policy: the three ways to say what matters, and the place of
// everything that a policy can do wrong.
#include <ATen/ATen.h>

#include "engine/run.h"
#include "stream_test_support.h"

namespace pressroom::stream_policy_test {
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

TEST(Policies, HasThreeWaysToSayTheSame) {
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
TEST(Policies, LetsHeadsKeepDifferentNumbersOfEntries) {
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

// What goes wrong in layer 1, step 6 - the first eviction at budget 6 - names that place.
TEST(Policies, NamesThePlaceOfAnImpossibleDecision) {
  const auto in_layer_1 = [](const PolicyContext& context, at::Tensor bad, at::Tensor good) {
    return context.layer == 1 ? bad : good;
  };
  struct Case {
    std::string what, where, expected, got;
    std::function<at::Tensor(const at::Tensor& good)> spoil;
  };
  const std::vector<Case> scores = {
      {"wrong shape", "document, layer 1, kv head 0, step 6", "[7]", "[6]",
       [](const at::Tensor& s) { return s.slice(0, 1); }},
      {"wrong shape", "document, layer 1, kv head 0, step 6", "[7]", "[1, 7]",
       [](const at::Tensor& s) { return s.unsqueeze(0); }},
      {"wrong shape", "document, layer 1, kv head 0, step 6", "[7]", "no tensor",
       [](const at::Tensor&) { return at::Tensor(); }},
      {"a score is NaN", "document, layer 1, kv head 0, step 6, cache index 3", "finite scores",
       "NaN",
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
      {"wrong shape", "document, layer 1, kv head 0, step 0", "[2, 1]", "[1, 2]",
       [](const at::Tensor& s) { return s.t(); }},
      {"wrong shape", "document, layer 1, kv head 0, step 0", "[2, 1]", "[2]",
       [](const at::Tensor& s) { return s.squeeze(1); }},
      {"a score is NaN", "document, layer 1, kv head 0, step 6, cache index 0", "finite scores",
       "NaN", [](const at::Tensor& s) { return s + NAN; }},
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

TEST(Policies, NamesThePlaceOfAnImpossibleKeep) {
  using Heads = std::vector<at::Tensor>;
  struct Case {
    std::string what, where, got;
    std::function<Heads(Heads all)> spoil;
  };
  const std::vector<Case> cases = {
      {"dropped a protected entry", "document, layer 1, kv head 1, step 6", "cache index 0 dropped",
       [](const Heads& all) {
         return Heads{all[0], all[1].slice(0, 1)};
       }},
      {"dropped a protected entry", "document, layer 1, kv head 1, step 6", "cache index 6 dropped",
       [](const Heads& all) {
         return Heads{all[0], all[1].slice(0, 0, 6)};
       }},
      {"impossible indices", "document, layer 1, kv head 0, step 6", "7 after 6",
       [](const Heads& all) {
         return Heads{at::arange(8, at::kLong), all[1]};
       }},
      {"another number of heads", "document, layer 1, kv head 0, step 6", "1",
       [](const Heads& all) { return Heads{all[0]}; }},
      {"more than the budget", "document, layer 1, kv head 0, step 6", "14",
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

// An exception of any kind out of any call-back becomes an Error with the place and the message.
TEST(Policies, MayThrowWhatTheyLike) {
  TestMethod birth(Ranking::kBirthScore);
  birth.on_birth_scores = [](const PolicyContext&, const EntriesView&) -> at::Tensor {
    throw std::runtime_error("no scores today");
  };
  TestMethod score(Ranking::kScore);
  score.on_score = [](const PolicyContext&, const HeadView& head) -> at::Tensor {
    if (head.kv_head() == 0) return at::zeros({head.size()});
    throw std::runtime_error("no scores today");
  };
  TestMethod keep(Ranking::kKeep);
  keep.on_keep = [](const PolicyContext&, const LayerView&) -> std::vector<at::Tensor> {
    throw std::runtime_error("no scores today");
  };
  const std::vector<std::pair<const TestMethod*, std::string>> cases = {
      {&birth, "document, layer 0, kv head 0, step 0"},
      {&score, "document, layer 0, kv head 1, step 6"},
      {&keep, "document, layer 0, kv head 0, step 0"}};
  for (const auto& [method, where] : cases) {
    const Problem problem = problem_of([&, &method = *method] {
      run_one(tiny().model(), method, settings_of(method, 6), ids_of(9));
    });
    EXPECT_EQ(problem.where, where);
    EXPECT_TRUE(has(problem.text(), "no scores today")) << problem.text();
  }
}

}  // namespace
}  // namespace pressroom::stream_policy_test
