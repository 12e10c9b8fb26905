#include <ATen/ATen.h>

#include <iterator>

#include "forward_arguments.h"
#include "pressroom/plugin.h"
#include "pressroom/protection.h"
#include "scripted_press.h"

namespace pressroom {
namespace {

// Heads of a layer that hold the same entries are scored in one call, others head by head.
class ScriptedPolicy final : public Policy {
 public:
  ScriptedPolicy(std::shared_ptr<const ScriptedPress> press, std::int64_t layer)
      : press_(std::move(press)), layer_(layer) {}

  at::Tensor birth_scores(const EntriesView& entries) override {
    PressInputs inputs;
    const at::Tensor keys = entries.keys();
    inputs["positions"] = entries.positions().repeat({keys.size(0), 1});
    inputs["heads"] = at::arange(keys.size(0), at::kLong);
    if (press_->takes("keys")) inputs["keys"] = keys;
    if (press_->takes("values")) inputs["values"] = entries.values();
    if (press_->takes("keys_before_rope")) inputs["keys_before_rope"] = entries.keys_before_rope();
    if (press_->takes("hidden")) inputs["hidden"] = entries.attention_input();
    return press_->scores(inputs, layer_);
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

 private:
  at::Tensor scores(const std::vector<const HeadView*>& heads) const {
    const auto stacked = [&](at::Tensor (HeadView::*part)() const) {
      std::vector<at::Tensor> parts;
      for (const HeadView* head : heads) parts.push_back((head->*part)());
      return at::stack(parts);
    };
    PressInputs inputs;
    inputs["positions"] = stacked(&HeadView::positions);
    std::vector<std::int64_t> numbers;
    for (const HeadView* head : heads) numbers.push_back(head->kv_head());
    if (press_->takes("heads")) inputs["heads"] = at::tensor(numbers, at::kLong);
    if (press_->takes("keys")) inputs["keys"] = stacked(&HeadView::keys);
    if (press_->takes("values")) inputs["values"] = stacked(&HeadView::values);
    if (press_->takes("keys_before_rope")) {
      inputs["keys_before_rope"] = stacked(&HeadView::keys_before_rope);
    }
    if (press_->takes("hidden")) inputs["hidden"] = heads[0]->attention_inputs();
    return press_->scores(inputs, layer_);
  }

  std::shared_ptr<const ScriptedPress> press_;  // shared with the method and its other policies
  std::int64_t layer_;
};

class TorchScript final : public Method {
 public:
  PluginInfo describe() const override {
    std::vector<ParameterSpec> parameters = {
        required("file", ParameterType::kPath)
            .help("a module saved by torch.jit.script(module).save(file)"),
        string_list("needs", {})
            .one_of({std::begin(kPressInputs), std::end(kPressInputs)})
            .help("inputs that forward() is given; [] for all that it names"),
        boolean("causal", false)
            .help("score a token once, when it enters, by itself; else at every eviction"),
        string_list("arguments", {}).help("name=value for further arguments of forward()")};
    for (ParameterSpec& spec : Protection::parameters(0, 0)) parameters.push_back(std::move(spec));
    return {"ranks entries by a module written in Python and saved as TorchScript", "",
            std::move(parameters)};
  }

  void configure(const Parameters& parameters) override {
    protection_.configure(parameters);
    file_ = parameters.string("file");
    press_ = std::make_shared<ScriptedPress>(parameters.string("file"), parameters.strings("needs"),
                                             parameters.strings("arguments"));
    causal_ = parameters.boolean("causal") || press_->declares_causal();
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = protection_.plan(budget_tokens);
    plan.ranking = causal_ ? Ranking::kBirthScore : Ranking::kScore;
    plan.couples_heads = !causal_;
    plan.needs.keys_before_rope = !causal_ && press_->takes("keys_before_rope");
    plan.needs.attention_input = causal_ && press_->takes("hidden");
    plan.needs.held_inputs = !causal_ && press_->takes("hidden");
    return plan;
  }

  void bind(const ModelContext& context) override { press_->rehearse(context.model, causal_); }

  std::vector<std::string> files() const override { return {file_}; }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    return std::make_unique<ScriptedPolicy>(press_, context.layer);
  }

 private:
  Protection protection_;
  std::string file_;
  std::shared_ptr<const ScriptedPress> press_;  // shared with the policies, which may outlive this
  bool causal_ = false;
};

}  // namespace
}  // namespace pressroom

PRESSROOM_METHOD(pressroom::TorchScript, "torchscript", "1.0.0")
