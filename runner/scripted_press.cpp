#include "scripted_press.h"

#include <optional>

#include "base/whole_file.h"
#include "config/config.h"
#include "pressroom/error.h"

namespace pressroom {

std::string read_scripted_press(const std::filesystem::path& file, PluginHost& host) {
  PluginUse use;
  use.name = use.label = "torchscript";
  for (const ParameterSpec& spec : host.describe(PluginKind::kMethod, use.name).parameters) {
    use.values[spec.name] = spec.default_value;
  }
  use.values["file"] = file.string();
  make_configured_method(use, host);  // refuses it in the words of who has to mend it
  std::string why;
  std::optional<std::string> bytes = read_regular_file(file, why);
  if (bytes) return std::move(*bytes);
  throw Error({"the module cannot be read", file.string(), "a file that may be read", why, ""});
}

}  // namespace pressroom
