// Where a module saved as TorchScript comes from: a file, or bytes that a plugin carries with it.
//
//   torch::jit::Module module = load_module({"keydiff.pt", std::nullopt});
//   torch::jit::Module carried = load_module({"keydiff.pt in my_press", bytes});
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace torch::jit {
struct Module;  // of <torch/csrc/jit/api/module.h>, which takes long to compile
}

namespace pressroom {

struct ModuleSource {
  std::string name;  // the file's path; with bytes, what messages call them
  // Those of a saved module, which outlive this; nothing: they are read from the file `name`.
  std::optional<std::string_view> bytes;
};

// The module in host memory, in `eval` mode. Throws Error, naming the source, for what is no
// TorchScript that this libtorch can read.
torch::jit::Module load_module(const ModuleSource& source);

}  // namespace pressroom
