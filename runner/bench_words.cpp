#include "bench_words.h"

#include "pressroom/error.h"

namespace pressroom {

std::string bench_text(const boost::program_options::variables_map& values, const char* name) {
  return values.count(name) > 0 ? values[name].as<std::string>() : std::string();
}

std::vector<std::string> parts_of_list(const std::string& text) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char letter : text) {
    depth += letter == '{' || letter == '[' ? 1 : letter == '}' || letter == ']' ? -1 : 0;
    if (letter == ',' && depth == 0) {
      parts.emplace_back();
    } else {
      parts.back() += letter;
    }
  }
  return parts;
}

std::vector<PluginUse> methods_from_list(const std::string& text, const std::string& origin,
                                         PluginHost& host) {
  std::vector<PluginUse> uses;
  for (const std::string& part : parts_of_list(text)) {
    PluginUse use = parse_plugin_use(part, PluginKind::kMethod, origin, host);
    for (const PluginUse& other : uses) {
      if (other.label != use.label) continue;
      throw Error({"two methods have one label", origin, "a label for each", use.label,
                   "give one of them another: {name: " + use.name + ", as: ...}"});
    }
    uses.push_back(std::move(use));
  }
  return uses;
}

void require_one_text(const std::string& ids_file, const std::string& text_file) {
  if (ids_file.empty() != text_file.empty()) return;
  throw Error({"bench needs one text", "", "--ids F.json or --text F, not both",
               ids_file.empty() ? "neither" : "both", ""});
}

}  // namespace pressroom
