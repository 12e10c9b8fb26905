#include "scripted_press.h"

#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/script.h>

#include <algorithm>
#include <cmath>

#include "forward_arguments.h"
#include "pressroom/error.h"
#include "torch_message.h"

namespace pressroom {
namespace {

namespace jit = torch::jit;

constexpr std::int64_t kRehearsedTokens = 256;

bool sets_attributes(const jit::Block& block) {
  return std::any_of(block.nodes().begin(), block.nodes().end(), [](const jit::Node* node) {
    const auto inner = node->blocks();
    return node->kind() == c10::prim::SetAttr ||
           std::any_of(inner.begin(), inner.end(),
                       [](const jit::Block* each) { return sets_attributes(*each); });
  });
}

void check_unchanging(const jit::Method& forward, const std::string& name) {
  const std::shared_ptr<jit::Graph> graph = forward.graph()->copy();
  jit::Inline(*graph);
  if (!sets_attributes(*graph->block())) return;
  throw Error({"forward() changes its module", name, "scores that depend on the arguments alone",
               "an assignment to an attribute",
               "remove the assignment: one module serves all layers and documents at once"});
}

// Numbers without a pattern, the same each time.
at::Tensor made_up(at::IntArrayRef shape) {
  const at::Tensor all = at::arange(1, c10::multiply_integers(shape) + 1, at::kFloat);
  return at::sin(all.square_()).view(shape);
}

PressInputs made_up_inputs(const ModelFacts& model, std::int64_t tokens) {
  const std::int64_t heads = model.kv_heads;
  PressInputs inputs;
  for (const char* name : {"keys", "values", "keys_before_rope"}) {
    inputs[name] = made_up({heads, tokens, model.head_dim});
  }
  inputs["hidden"] = made_up({tokens, model.hidden_size});
  inputs["positions"] = at::arange(tokens, at::kLong).repeat({heads, 1});
  inputs["heads"] = at::arange(heads, at::kLong);
  return inputs;
}

}  // namespace

struct ScriptedPress::Script {
  std::string name;  // of its source, for messages
  jit::Module module;
  ForwardArguments arguments;
};

ScriptedPress::ScriptedPress(const ModuleSource& source, const std::vector<std::string>& needs,
                             const std::vector<std::string>& arguments) {
  const std::string& name = source.name;
  const jit::Module module = load_module(source);
  const auto forward = module.find_method("forward");
  if (!forward) {
    throw Error({"the module has no forward()", name, "forward(keys, values, positions)", "none",
                 "give the module a forward() that returns the scores"});
  }
  check_unchanging(*forward, name);
  script_.reset(new Script{
      name, module, read_arguments(forward->function().getSchema(), needs, arguments, name)});
}

ScriptedPress::~ScriptedPress() = default;

bool ScriptedPress::takes(const std::string& input) const {
  return script_->arguments.inputs.count(input) > 0;
}

bool ScriptedPress::declares_causal() const {
  for (const char* name : {"causal", "is_causal_per_token"}) {
    const c10::IValue value = script_->module.attr(name, c10::IValue(false));
    if (value.isBool() && value.toBool()) return true;
  }
  return false;
}

at::Tensor ScriptedPress::scores(const PressInputs& inputs, std::int64_t layer) const {
  const ForwardArguments& given = script_->arguments;
  std::unordered_map<std::string, c10::IValue> arguments(given.constants.begin(),
                                                         given.constants.end());
  for (const std::string& name : given.inputs) arguments[name] = inputs.at(name);
  if (given.layer) arguments["layer"] = layer;

  // Unoptimised: the same instructions at the first call as at the thousandth.
  const at::NoGradGuard no_gradient;
  const jit::GraphOptimizerEnabledGuard unoptimised(false);
  const c10::IValue answer = translated({"forward() failed", script_->name, "scores", "", ""}, [&] {
    return script_->module.get_method("forward")({}, arguments);
  });
  const auto refuse = [&](const std::string& what, const std::string& expected,
                          const std::string& got, const std::string& fix) {
    throw Error({what, script_->name, expected, got, fix});
  };
  const at::Tensor& positions = inputs.at("positions");
  const std::string shape = c10::str(positions.sizes());
  if (!answer.isTensor()) refuse("forward() returns no tensor", shape, answer.tagKind(), "");
  at::Tensor scores = answer.toTensor();
  if (!scores.is_floating_point()) {
    refuse("forward() returns scores of the wrong type", "a floating-point tensor",
           c10::toString(scores.scalar_type()), "return scores.float()");
  }
  if (scores.sizes() != positions.sizes()) {
    refuse("forward() returns scores of the wrong shape",
           shape + ", a score for each of its KV heads and entries", c10::str(scores.sizes()), "");
  }
  scores = scores.detach().to(at::kCPU, at::kFloat).contiguous();
  const float* first = scores.data_ptr<float>();
  if (std::any_of(first, first + scores.numel(), [](float score) { return std::isnan(score); })) {
    refuse("forward() returns NaN", "numbers", "NaN in layer " + std::to_string(layer),
           "look for 0/0, and for the logarithm or the root of a negative number");
  }
  return scores;
}

void ScriptedPress::rehearse(const ModelFacts& model, bool causal) const {
  const std::int64_t tokens = std::clamp<std::int64_t>(model.max_positions, 1, kRehearsedTokens);
  const PressInputs inputs = made_up_inputs(model, tokens);
  const at::Tensor together = scores(inputs, 0).select(1, tokens - 1);
  PressInputs part = inputs;
  for (auto& [name, tensor] : part) {
    if (causal && name != "heads") {
      tensor = tensor.narrow(name == "hidden" ? 0 : 1, tokens - 1, 1);
    } else if (!causal && name != "hidden") {
      tensor = tensor.narrow(0, 0, 1);
    }
  }
  const at::Tensor alone = scores(part, 0).select(1, 0);
  if (!causal) return;
  if (at::allclose(together, alone, 1e-3, 1e-4)) return;
  throw Error({"forward() gives a token another score alone than among others", script_->name,
               "scores that depend on their own token, as a causal press promises",
               std::to_string(alone[0].item<float>()) + " alone, " +
                   std::to_string(together[0].item<float>()) + " among " + std::to_string(tokens),
               "run it on demand: remove \"causal\""});
}

}  // namespace pressroom
