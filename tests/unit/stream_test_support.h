// What the tests of the decode engine share: methods made of lambdas, the real plugins by name, and
// one-line runs.
#pragma once

#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/run.h"
#include "plugin/host.h"
#include "reference_llama.h"
#include "test_folders.h"
#include "text_search.h"
#include "tiny_model.h"

namespace pressroom {

// A method whose call-backs are given by the test; the context is that of the policy called.
struct TestMethod : Method {
  EvictionPlan eviction_plan;
  std::function<at::Tensor(const PolicyContext&, const EntriesView&)> on_birth_scores;
  std::function<at::Tensor(const PolicyContext&, const HeadView&)> on_score;
  std::function<std::vector<at::Tensor>(const PolicyContext&, const LayerView&)> on_keep;

  // A method of kKeep sees all heads of a layer, which share its budget.
  explicit TestMethod(Ranking ranking) {
    eviction_plan.ranking = ranking;
    if (ranking != Ranking::kKeep) return;
    eviction_plan.couples_heads = true;
    eviction_plan.scope = BudgetScope::kLayer;
  }
  TestMethod(const TestMethod& other)
      : Method(),
        eviction_plan(other.eviction_plan),
        on_birth_scores(other.on_birth_scores),
        on_score(other.on_score),
        on_keep(other.on_keep) {}

  PluginInfo describe() const override { return {}; }
  EvictionPlan plan(std::int64_t) const override { return eviction_plan; }
  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    struct TestPolicy : Policy {
      const TestMethod& method;
      PolicyContext context;
      TestPolicy(const TestMethod& m, PolicyContext c) : method(m), context(std::move(c)) {}
      at::Tensor birth_scores(const EntriesView& entries) override {
        return method.on_birth_scores(context, entries);
      }
      at::Tensor score(const HeadView& head) override { return method.on_score(context, head); }
      std::vector<at::Tensor> keep_layer(const LayerView& layer) override {
        return method.on_keep(context, layer);
      }
    };
    return std::make_unique<TestPolicy>(*this, context);
  }
};

struct NamedMethod {
  std::string name;
  std::shared_ptr<Method> method;
};

inline std::shared_ptr<TestMethod> signal_method(Signal signal, std::int64_t recents,
                                                 std::int64_t interval) {
  auto method = std::make_shared<TestMethod>(Ranking::kSignal);
  method->eviction_plan.signal = signal;
  method->eviction_plan.recents = recents;
  method->eviction_plan.interval = interval;
  return method;
}

// The plugin `name` of this build with its default parameters but for `given`.
inline std::unique_ptr<Method> plugin_method(
    const std::string& name, const std::map<std::string, ParameterValue>& given = {}) {
  static PluginHost host({plugin_dir()});
  std::map<std::string, ParameterValue> values;
  for (const ParameterSpec& spec : host.describe(PluginKind::kMethod, name).parameters) {
    values[spec.name] = spec.default_value;
  }
  for (const auto& [parameter, value] : given) values.at(parameter) = value;
  std::unique_ptr<Method> method = host.make_method(name);
  method->configure(Parameters(values));
  return method;
}

inline TokensOrFraction tokens(std::int64_t count) { return {static_cast<double>(count)}; }

// What a campaign would run `method` with.
inline RunSettings settings_of(const Method& method, std::int64_t budget_tokens) {
  RunSettings settings;
  settings.plan = method.plan(budget_tokens);
  settings.budget_tokens = budget_tokens;
  settings.positions = settings.plan.positions;
  settings.random = RandomKey(42);
  return settings;
}

inline RunSettings settings_of(const Method& method, std::int64_t budget_tokens,
                               Positions positions) {
  RunSettings settings = settings_of(method, budget_tokens);
  settings.positions = positions;
  return settings;
}

inline DocumentRun run_one(const Model& model, const Method& method, const RunSettings& settings,
                           const std::vector<std::int64_t>& ids) {
  return decode_documents(model, method, settings, {{"document", ids}}, RunControl()).front();
}

inline DocumentRun run_dense(const Model& model, const std::vector<std::int64_t>& ids) {
  const TestMethod dense(Ranking::kNone);
  return run_one(model, dense, settings_of(dense, 0), ids);
}

inline double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  EXPECT_EQ(a.size(), b.size());
  double largest = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    largest = std::max(largest, std::abs(a[i] - b[i]));
  }
  return largest;
}

// The one problem that `call` throws; a failure of the test when it throws no Error.
inline Problem problem_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.problems().size(), 1U);
    return error.problems().front();
  }
  ADD_FAILURE() << "no Error was thrown";
  return {};
}

}  // namespace pressroom
