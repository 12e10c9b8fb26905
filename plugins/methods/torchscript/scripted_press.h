// A module in TorchScript whose forward() scores cached entries.
//
//   const ScriptedPress press({"keydiff.pt", std::nullopt}, {}, {"power=2"});
//   at::Tensor scores = press.scores({{"keys", keys}, {"positions", positions}}, layer);   // [G,T]
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "module_source.h"
#include "pressroom/model_facts.h"

namespace pressroom {

// Tensors by the name of the argument of forward() that takes them, of kPressInputs.
using PressInputs = std::map<std::string, at::Tensor>;

// Immutable, so it may be called from several threads at once: a module whose forward() sets
// attributes is refused.
class ScriptedPress {
 public:
  // Loads the module into host memory; `needs` and `arguments` as read_arguments takes them. Throws
  // Error for what is no TorchScript or has a forward() that cannot be called.
  ScriptedPress(const ModuleSource& source, const std::vector<std::string>& needs,
                const std::vector<std::string>& arguments);
  ~ScriptedPress();

  // Whether forward() is given `input`.
  bool takes(const std::string& input) const;

  // Whether the module says, by an attribute `causal` or `is_causal_per_token` that is True, that
  // the score of a token depends on that token alone.
  bool declares_causal() const;

  // [G,T], float32: forward() on those of `inputs` that it takes. `positions` [G,T] is among them
  // and tells the shape of the answer. Throws Error when forward() fails, or answers with another
  // shape or type or with NaN.
  at::Tensor scores(const PressInputs& inputs, std::int64_t layer) const;

  // Calls forward() on made-up inputs of the model's shape: all heads and, unless `causal`, one.
  // Throws Error when it fails, or where `causal` when a token scores otherwise alone than among
  // others.
  void rehearse(const ModelFacts& model, bool causal) const;

 private:
  struct Script;
  std::unique_ptr<const Script> script_;
};

}  // namespace pressroom
