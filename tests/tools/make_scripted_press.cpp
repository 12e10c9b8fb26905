// Writes a press as one written in Python is saved, without Python: a module in TorchScript.
//
//   pressroom_make_scripted_press keydiff|knorm|weighted FILE.pt
#include <torch/script.h>

#include <iostream>
#include <map>
#include <string>

namespace {

const std::map<std::string, const char*> kPresses = {
    {"keydiff", R"(
def forward(self, keys):
    units = keys / keys.norm(2, -1, True)
    return -torch.cosine_similarity(keys, units.mean(-2, True), -1)
)"},
    {"knorm", R"(
def forward(self, keys_before_rope):
    return -keys_before_rope.norm(2, -1)
)"},
    // Has weights, and an argument that a config can give.
    {"weighted", R"(
def forward(self, values, layer: int, power: float = 1.0):
    return (values.norm(2, -1) ** power) * torch.cos(self.weights[:values.size(1)] + layer)
)"}};

}  // namespace

int main(int argc, char** argv) {
  const auto press = argc == 3 ? kPresses.find(argv[1]) : kPresses.end();
  if (press == kPresses.end()) {
    std::cerr << "usage: pressroom_make_scripted_press keydiff|knorm|weighted FILE.pt\n";
    return 2;
  }
  torch::jit::Module module("Press");
  module.register_parameter("weights", at::sin(at::arange(4096, at::kFloat)), false);
  module.define(press->second);
  module.save(argv[2]);
  return 0;
}
