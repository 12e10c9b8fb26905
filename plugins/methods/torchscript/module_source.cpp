#include "module_source.h"

#include <torch/csrc/jit/serialization/import.h>

#include <filesystem>
#include <sstream>

#include "pressroom/error.h"
#include "pressroom/stand_in.h"
#include "torch_message.h"

namespace pressroom {
namespace {

// libtorch's own words about a path that cannot be opened are about zip archives.
void require_file(const std::string& file) {
  refuse_stand_in(file);
  std::error_code unreadable;
  if (std::filesystem::is_regular_file(file, unreadable)) return;
  throw Error({"there is no such file", file, "a module saved as TorchScript",
               std::filesystem::exists(file, unreadable) ? "a folder" : "nothing of that name",
               "check the path"});
}

}  // namespace

torch::jit::Module load_module(const ModuleSource& source) {
  if (!source.bytes) require_file(source.name);
  return translated({"the file is no TorchScript module that can be read", source.name,
                     "what torch.jit.script(module).save(file) writes", "",
                     "script the module; what torch.save writes is another format"},
                    [&] {
                      const at::Device host(at::kCPU);
                      torch::jit::Module module;
                      if (source.bytes) {
                        std::istringstream stream{std::string(*source.bytes)};
                        module = torch::jit::load(stream, host);
                      } else {
                        module = torch::jit::load(source.name, host);
                      }
                      module.eval();
                      return module;
                    });
}

}  // namespace pressroom
