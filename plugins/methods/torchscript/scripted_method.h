// A method whose scores come from a module in TorchScript, wherever that lies: torchscript, which
// is given a file, and the presses that carry their module (python_press.cpp.in).
//
//   struct TorchScript final : ScriptedMethod<TorchScript> {
//     std::string file;
//     static Declaration<TorchScript> declare() {
//       return with_parameters(Declaration<TorchScript>("...").parameter(&TorchScript::file, ...));
//     }
//     ModuleSource module_source() const { return {file, std::nullopt}; }
//   };
#pragma once

#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "forward_arguments.h"
#include "pressroom/declared_method.h"
#include "scripted_policy.h"
#include "scripted_press.h"

namespace pressroom {

// `Self` has `ModuleSource module_source() const`, which is asked once its fields are filled in.
template <typename Self>
struct ScriptedMethod : DeclaredMethod<Self, Ranking::kScore> {
  std::vector<std::string> needs, arguments;
  bool causal = false;  // also where the module says so
  std::int64_t n_sink = 0;
  TokensOrFraction recent;
  std::unique_ptr<const ScriptedPress> press;

  // `declaration` with the parameters that all such methods have; `causal` is a default.
  static Declaration<Self> with_parameters(Declaration<Self> declaration, bool causal = false) {
    declaration
        .parameter(
            &Self::needs,
            string_list("needs", {}, "inputs that forward() is given; [] for all that it names")
                .one_of({std::begin(kPressInputs), std::end(kPressInputs)}))
        .parameter(&Self::causal,
                   boolean("causal", causal,
                           "score a token once, when it enters, by itself; else at every eviction"))
        .parameter(&Self::arguments,
                   string_list("arguments", {}, "name=value for further arguments of forward()"))
        .sinks(&Self::n_sink, 0)
        .recents(&Self::recent, 0);
    return declaration;
  }

  void configure(const Parameters& parameters) override {
    DeclaredMethod<Self, Ranking::kScore>::configure(parameters);
    press = std::make_unique<ScriptedPress>(static_cast<const Self&>(*this).module_source(), needs,
                                            arguments);
    causal = causal || press->declares_causal();
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = DeclaredMethod<Self, Ranking::kScore>::plan(budget_tokens);
    if (causal) plan.ranking = Ranking::kBirthScore;
    plan.couples_heads = !causal;
    plan.needs.keys_before_rope = !causal && press->takes("keys_before_rope");
    plan.needs.attention_input = causal && press->takes("hidden");
    plan.needs.held_inputs = !causal && press->takes("hidden");
    return plan;
  }

  void bind(const ModelContext& context) override { press->rehearse(context.model, causal); }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    return std::make_unique<ScriptedPolicy>(*press, context.layer);
  }
};

}  // namespace pressroom
