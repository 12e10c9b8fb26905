// What plugin_name keeps of a cache made by hand. A row of the table is a case: add those that you
// have worked out with pencil and paper, from an example in the paper for instance.
#include "plugin_name.cpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace pressroom::plugin_name_test {
namespace {

using Rows = std::vector<std::vector<float>>;  // a row an entry

at::Tensor tensor_of(const Rows& rows) {
  std::vector<at::Tensor> tensors;
  for (const std::vector<float>& row : rows) tensors.push_back(at::tensor(row));
  return at::stack(tensors);  // [T,d]
}

// The cache of one head, with entries at the positions 0, 1, ...
class HandMadeHead final : public HeadView {
 public:
  HandMadeHead(const Rows& keys, const Rows& values)
      : keys_(tensor_of(keys)), values_(tensor_of(values)) {}

  std::int64_t kv_head() const override { return 0; }
  std::int64_t size() const override { return keys_.size(0); }
  std::int64_t next_position() const override { return size(); }
  at::Tensor tensor(Quantity quantity) const override {
    if (quantity == Quantity::kPositions) return at::arange(size(), at::kLong);
    if (quantity == Quantity::kKeys) return keys_;
    if (quantity == Quantity::kValues) return values_;
    ADD_FAILURE() << "the head of this test has no " << to_string(quantity);
    return {};
  }

 private:
  at::Tensor keys_, values_;  // [T,d]
};

// The positions that stay under the budget, ranked as the engine ranks.
Indices kept(const Method& press, const HeadView& head, std::int64_t budget_tokens) {
  PolicyContext context;
  context.budget_tokens = budget_tokens;
  const EvictionPlan plan = press.plan(budget_tokens);
  const IndexRange open = evictable(head, plan.sinks, plan.recents);  // may leave
  const std::vector<float> scores = to_floats(press.make_policy(context)->score(head));
  const std::int64_t places = budget_tokens - (head.size() - open.size());
  return all_but(head, open, highest(scores.data(), open, places));
}

TEST(PluginName, KeepsWhatTheTableSays) {
  const Rows keys = {{1, 0}, {0, 1}, {1, 1}, {1, 0}, {0, 1}};
  const Rows values = {{3, 4}, {0, 1}, {6, 8}, {0, 2}, {1, 0}};
  struct Case {
    std::string what;
    std::int64_t n_sink;
    double recent;
    std::int64_t budget_tokens;
    Indices kept;
  };
  const std::vector<Case> cases = {
      {"the largest values", 0, 0, 3, {0, 2, 3}},
      {"of equal values the newer", 0, 0, 4, {0, 2, 3, 4}},
      {"the first and the last, whatever their values", 2, 1, 4, {0, 1, 2, 4}},
      {"recent entries as a fraction of the budget", 0, 0.5, 4, {0, 2, 3, 4}},
      {"everything where there is room", 2, 1, 5, {0, 1, 2, 3, 4}},
  };
  for (const Case& c : cases) {
    PluginNamePress press;
    press.configure(Parameters({{"n_sink", c.n_sink}, {"recent", TokensOrFraction{c.recent}}}));
    EXPECT_EQ(kept(press, HandMadeHead(keys, values), c.budget_tokens), c.kept) << c.what;
  }
}

}  // namespace
}  // namespace pressroom::plugin_name_test
