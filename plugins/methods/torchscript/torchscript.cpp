#include <ATen/ATen.h>

#include <algorithm>
#include <iterator>

#include "forward_arguments.h"
#include "pressroom/plugin.h"
#include "scripted_press.h"

namespace pressroom {

struct TorchScript final : StatefulMethod<TorchScript, Ranking::kScore> {
  std::string file;
  std::vector<std::string> needs, arguments;
  bool causal = false;  // also where the module says so
  std::int64_t n_sink = 0;
  TokensOrFraction recent;
  std::unique_ptr<const ScriptedPress> press;

  static Declaration<TorchScript> declare() {
    return Declaration<TorchScript>(
               "ranks entries by a module written in Python and saved as TorchScript")
        .parameter(&TorchScript::file,
                   required("file", ParameterType::kPath,
                            "a module saved by torch.jit.script(module).save(file)"))
        .parameter(
            &TorchScript::needs,
            string_list("needs", {}, "inputs that forward() is given; [] for all that it names")
                .one_of({std::begin(kPressInputs), std::end(kPressInputs)}))
        .parameter(&TorchScript::causal,
                   boolean("causal", false,
                           "score a token once, when it enters, by itself; else at every eviction"))
        .parameter(&TorchScript::arguments,
                   string_list("arguments", {}, "name=value for further arguments of forward()"))
        .sinks(&TorchScript::n_sink, 0)
        .recents(&TorchScript::recent, 0);
  }

  void configure(const Parameters& parameters) override {
    StatefulMethod::configure(parameters);
    press = std::make_unique<ScriptedPress>(file, needs, arguments);
    causal = causal || press->declares_causal();
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = StatefulMethod::plan(budget_tokens);
    if (causal) plan.ranking = Ranking::kBirthScore;
    plan.couples_heads = !causal;
    plan.needs.keys_before_rope = !causal && press->takes("keys_before_rope");
    plan.needs.attention_input = causal && press->takes("hidden");
    plan.needs.held_inputs = !causal && press->takes("hidden");
    return plan;
  }

  void bind(const ModelContext& context) override { press->rehearse(context.model, causal); }

  std::vector<std::string> files() const override { return {file}; }

  // Heads of a layer that hold the same entries are scored in one call, others head by head.
  struct Live final : PolicyOf<TorchScript> {
    using PolicyOf::PolicyOf;

    const ScriptedPress& press = *method.press;

    at::Tensor birth_scores(const EntriesView& entries) override {
      PressInputs inputs;
      const at::Tensor keys = entries.keys();
      inputs["positions"] = entries.positions().repeat({keys.size(0), 1});
      inputs["heads"] = at::arange(keys.size(0), at::kLong);
      if (press.takes("keys")) inputs["keys"] = keys;
      if (press.takes("values")) inputs["values"] = entries.values();
      if (press.takes("keys_before_rope")) inputs["keys_before_rope"] = entries.keys_before_rope();
      if (press.takes("hidden")) inputs["hidden"] = entries.attention_input();
      return press.scores(inputs, context.layer);
    }

    std::vector<at::Tensor> score_layer(const LayerView& layer) override {
      std::vector<const HeadView*> heads;
      for (std::int64_t g = 0; g < layer.kv_heads(); ++g) heads.push_back(&layer.head(g));
      const at::Tensor first = heads[0]->positions();
      const bool alike = std::all_of(heads.begin() + 1, heads.end(), [&](const HeadView* head) {
        return at::equal(head->positions(), first);
      });
      if (alike) return scores(heads).unbind(0);
      std::vector<at::Tensor> all;
      for (const HeadView* head : heads) all.push_back(scores({head})[0]);
      return all;
    }

    at::Tensor scores(const std::vector<const HeadView*>& heads) const {
      const auto stacked = [&](Quantity part) {
        std::vector<at::Tensor> parts;
        for (const HeadView* head : heads) parts.push_back(head->tensor(part));
        return at::stack(parts);
      };
      PressInputs inputs;
      inputs["positions"] = stacked(Quantity::kPositions);
      std::vector<std::int64_t> numbers;
      for (const HeadView* head : heads) numbers.push_back(head->kv_head());
      if (press.takes("heads")) inputs["heads"] = at::tensor(numbers, at::kLong);
      if (press.takes("keys")) inputs["keys"] = stacked(Quantity::kKeys);
      if (press.takes("values")) inputs["values"] = stacked(Quantity::kValues);
      if (press.takes("keys_before_rope")) {
        inputs["keys_before_rope"] = stacked(Quantity::kKeysBeforeRope);
      }
      if (press.takes("hidden")) inputs["hidden"] = heads[0]->attention_inputs();
      return press.scores(inputs, context.layer);
    }
  };
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::TorchScript, "torchscript", "1.0.0")
