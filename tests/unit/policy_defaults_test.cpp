// A policy that lacks the override its plan promises says so.
#include "plugin_test_support.h"

namespace pressroom::policy_defaults_test {
namespace {

// Views of nothing.
struct NoHead : HeadView {
  std::int64_t kv_head() const override { return 0; }
  std::int64_t size() const override { return 0; }
  std::int64_t next_position() const override { return 0; }
  at::Tensor tensor(Quantity) const override { return {}; }
};

struct NoLayer : LayerView {
  std::int64_t layer() const override { return 0; }
  std::int64_t kv_heads() const override { return 1; }
  const HeadView& head(std::int64_t) const override { return head_; }
  std::int64_t tokens_fed() const override { return 1; }

 private:
  NoHead head_;
};

struct NoEntries : EntriesView {
  std::int64_t size() const override { return 0; }
  at::Tensor positions() const override { return {}; }
  at::Tensor token_ids() const override { return {}; }
  at::Tensor keys() const override { return {}; }
  at::Tensor values() const override { return {}; }
  at::Tensor keys_before_rope() const override { return {}; }
  at::Tensor attention_input() const override { return {}; }
};

struct NoPolicyMethod : Method {
  PluginInfo describe() const override { return {}; }
  EvictionPlan plan(std::int64_t) const override { return {}; }
};

TEST(PolicyDefaults, SayWhichOverrideIsMissing) {
  const std::unique_ptr<Policy> policy = NoPolicyMethod().make_policy(PolicyContext());
  ASSERT_NE(policy, nullptr);
  expect_approved("no_birth_scores",
                  error_text("nowhere", [&] { policy->birth_scores(NoEntries()); }));
  expect_approved("no_score", error_text("nowhere", [&] { policy->score(NoHead()); }));
  expect_approved("no_keep", error_text("nowhere", [&] { policy->keep(NoHead()); }));
  expect_approved("no_score_layer", error_text("nowhere", [&] { policy->score_layer(NoLayer()); }));
  expect_approved("no_keep_layer", error_text("nowhere", [&] { policy->keep_layer(NoLayer()); }));
  expect_approved("no_zeroed_channels",
                  error_text("nowhere", [&] { policy->zeroed_channels(NoHead()); }));
}

TEST(Positions, AreCalledAsInConfigs) {
  EXPECT_STREQ(to_string(Positions::kOriginal), "original");
  EXPECT_STREQ(to_string(Positions::kCacheIndex), "cache_index");
}

}  // namespace
}  // namespace pressroom::policy_defaults_test
