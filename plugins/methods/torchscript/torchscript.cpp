#include "pressroom/plugin.h"
#include "scripted_method.h"

namespace pressroom {

struct TorchScript final : ScriptedMethod<TorchScript> {
  std::string file;

  static Declaration<TorchScript> declare() {
    return with_parameters(
        Declaration<TorchScript>(
            "ranks entries by a module written in Python and saved as TorchScript")
            .parameter(&TorchScript::file,
                       required("file", ParameterType::kPath,
                                "a module saved by torch.jit.script(module).save(file)")));
  }

  ModuleSource module_source() const { return {file, std::nullopt}; }

  std::vector<std::string> files() const override { return {file}; }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::TorchScript, "torchscript", "1.0.0")
