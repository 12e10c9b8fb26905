// A press that was written in Python and saved as TorchScript, as `plugin new --python` gets it.
//
//   PluginHost host = make_host(values);
//   const std::string bytes = read_scripted_press("keydiff.pt", host);
#pragma once

#include <filesystem>
#include <string>

#include "plugin/host.h"

namespace pressroom {

// The bytes of `file`. Throws Error unless the method torchscript takes it as it is: a module whose
// forward() can be called without anything that a config would have to say.
std::string read_scripted_press(const std::filesystem::path& file, PluginHost& host);

}  // namespace pressroom
