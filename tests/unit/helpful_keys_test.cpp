#include <gtest/gtest.h>

#include "campaign/plan_checks.h"
#include "test_folders.h"

namespace pressroom::helpful_keys_test {
namespace {

using Keys = std::vector<std::string>;

Keys keys_that_protect_less(const std::string& method, std::int64_t budget_tokens) {
  PluginHost host({plugin_dir()});
  const PluginUse use = parse_plugin_use(method, PluginKind::kMethod, "test", host);
  const EvictionPlan now = make_configured_method(use, host)->plan(budget_tokens);
  const auto helps = [&](const EvictionPlan& plan) {
    return plan.sinks + plan.recents < now.sinks + now.recents;
  };
  return helpful_keys(use, budget_tokens, helps, host);
}

TEST(HelpfulKeys, AreThoseThatProtectLessWhenTheyAreLowered) {
  EXPECT_EQ(keys_that_protect_less("{name: h2o, n_sink: 4, recent: 60}", 32),
            (Keys{"n_sink", "recent"}));
  EXPECT_EQ(keys_that_protect_less("{name: h2o, recent: 60}", 32), Keys{"recent"});
  EXPECT_EQ(keys_that_protect_less("snapkv", 32), Keys{"window_size"});
}

TEST(HelpfulKeys, AreFoundInMethodsThatAreWrapped) {
  EXPECT_EQ(keys_that_protect_less("{name: adakv, inner: snapkv}", 32), Keys{"inner.window_size"});
}

}  // namespace
}  // namespace pressroom::helpful_keys_test
