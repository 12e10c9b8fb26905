#include "pressroom/declaration.h"

#include <gtest/gtest.h>

#include <map>

#include "pressroom/declared_method.h"
#include "pressroom/wrapper.h"

namespace pressroom::declaration_test {
namespace {

// One parameter of every kind, and one of every word.
struct Everything final : Scorer<Everything> {
  bool flag = false;
  std::int64_t first_tokens = 0, window_size = 0, every = 0;
  double weight = 0;
  std::string name;
  TokensOrFraction recent;
  std::vector<double> ratios;
  bool as_kvpress = false;
  Share share = Share::kKvHead;

  static Declaration<Everything> declare() {
    return Declaration<Everything>("a summary")
        .paper("a paper")
        .parameter(&Everything::flag, boolean("flag", true, ""))
        .sinks(&Everything::first_tokens, 4, "the first ones", "first_tokens")
        .recents(&Everything::recent, 0.25)
        .parameter(&Everything::window_size, integer("window_size", 8, "").at_least(1))
        .query_window(&Everything::window_size)
        .parameter(&Everything::every, integer("every", 3, "").at_least(1))
        .interval(&Everything::every)
        .parameter(&Everything::weight, number("weight", 0.5, ""))
        .parameter(&Everything::name, string("name", "n", ""))
        .parameter(&Everything::ratios, number_list("ratios", {1, 2}, ""))
        .kvpress_compat(&Everything::as_kvpress, "does as kvpress")
        .share(&Everything::share)
        .signal(Signal::kMeanAttention)
        .needs(&Needs::keys_before_rope)
        .positions(Positions::kCacheIndex)
        .couples_heads();
  }

  at::Tensor score(const HeadView& head, const PolicyContext&) const { return head.signal(); }
};

// The defaults of `plugin` but for `given`, as the host hands them over.
Parameters parameters_of(const Plugin& plugin,
                         const std::map<std::string, ParameterValue>& given = {}) {
  std::map<std::string, ParameterValue> values;
  for (const ParameterSpec& spec : plugin.describe().parameters) {
    values[spec.name] = spec.default_value;
  }
  for (const auto& [name, value] : given) values[name] = value;
  return Parameters(values);
}

TEST(Declaration, DescribesParametersInTheirOrder) {
  const PluginInfo info = Everything().describe();
  EXPECT_EQ(info.summary, "a summary");
  EXPECT_EQ(info.paper, "a paper");
  std::vector<std::string> names;
  for (const ParameterSpec& spec : info.parameters) names.push_back(spec.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"flag", "first_tokens", "recent", "window_size", "every",
                                      "weight", "name", "ratios", "compat", "share"}));
  EXPECT_EQ(info.parameters[1].help_text, "the first ones");
  EXPECT_EQ(info.parameters[1].aliases,
            (std::vector<std::string>{"n_sink", "sinks", "start_size", "init_cache_size"}));
}

TEST(Declaration, FillsFields) {
  Everything method;
  method.configure(parameters_of(
      method,
      {{"weight", 0.75}, {"compat", std::string("kvpress")}, {"share", std::string("layer")}}));
  EXPECT_TRUE(method.flag);
  EXPECT_EQ(method.first_tokens, 4);
  EXPECT_EQ(method.weight, 0.75);
  EXPECT_EQ(method.name, "n");
  EXPECT_EQ(method.ratios, (std::vector<double>{1, 2}));
  EXPECT_TRUE(method.as_kvpress);
  EXPECT_EQ(method.share, Share::kLayer);
}

TEST(Declaration, PlansByFields) {
  Everything method;
  method.configure(parameters_of(method));
  const EvictionPlan plan = method.plan(40);
  EXPECT_EQ(plan.ranking, Ranking::kScore);
  EXPECT_EQ(plan.sinks, 4);
  EXPECT_EQ(plan.recents, 10);  // a quarter of the budget
  EXPECT_TRUE(plan.sized_by_budget);
  EXPECT_EQ(plan.needs.query_window, 8);
  EXPECT_TRUE(plan.needs.keys_before_rope);
  EXPECT_FALSE(plan.needs.query_moments);
  EXPECT_EQ(plan.interval, 3);
  EXPECT_EQ(plan.signal, Signal::kMeanAttention);
  EXPECT_EQ(plan.positions, Positions::kCacheIndex);
  EXPECT_TRUE(plan.couples_heads);

  Everything shared;
  shared.configure(
      parameters_of(shared, {{"share", std::string("model")}, {"recent", TokensOrFraction{6}}}));
  EXPECT_EQ(shared.plan(40).share, Share::kModel);
  EXPECT_TRUE(shared.plan(40).couples_layers);
  EXPECT_EQ(shared.plan(40).recents, 6);
  EXPECT_FALSE(shared.plan(40).sized_by_budget);
}

// What several plugins share, as a field.
struct Limits {
  std::int64_t most = 0;

  static Declaration<Limits> declare() {
    return Declaration<Limits>("limits").parameter(&Limits::most, integer("most", 7, ""));
  }
  void configure(const Parameters& parameters) { declare().configure(*this, parameters); }
};

struct WithAPart final : Keeper<WithAPart> {
  Limits limits;
  static Declaration<WithAPart> declare() {
    return Declaration<WithAPart>("has a part").part(&WithAPart::limits);
  }
  Indices keep(const HeadView& head, const PolicyContext&) const { return all_of(head); }
};

TEST(Declaration, TakesThePartsOfAField) {
  WithAPart method;
  ASSERT_EQ(method.describe().parameters.size(), 1U);
  method.configure(parameters_of(method, {{"most", std::int64_t{9}}}));
  EXPECT_EQ(method.limits.most, 9);
  EXPECT_EQ(method.plan(5).ranking, Ranking::kKeep);
}

// Counts its calls: what is kept from event to event is the policy's, and each policy has its own.
struct Counting final : StatefulMethod<Counting, Ranking::kScore> {
  static Declaration<Counting> declare() { return Declaration<Counting>("counts"); }
  struct Live final : PolicyOf<Counting> {
    using PolicyOf::PolicyOf;
    std::vector<at::Tensor> ranked_by() const override {
      return std::vector<at::Tensor>(static_cast<std::size_t>(context.layer));
    }
  };
};

TEST(StatefulMethod, MakesAPolicyThatKnowsItsContext) {
  const Counting method;
  PolicyContext context;
  context.layer = 3;
  const std::unique_ptr<Policy> policy = method.make_policy(context);
  context.layer = 5;  // the policy has its own
  EXPECT_EQ(policy->ranked_by().size(), 3U);
}

}  // namespace
}  // namespace pressroom::declaration_test
