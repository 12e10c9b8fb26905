// Says in a few lines what a plugin says of itself, for the build to put into the plugin's file: so
// `pressroom list` knows it without running the plugin.
//
//   pressroom_describe_plugin pressroom_method_h2o.so
//
//   pressroom-description
//   summary=keeps heavy hitters of cumulative attention and a recent window
//   paper=Zhang et al., ...
//   kind=attention signal
//   parameters=`n_sink` 0, `recent` 0.5
//   positions=original
//   takes_budget=yes
//   declaration={"summary": ..., "parameters": [...]}
//   end
#include <dlfcn.h>

#include <algorithm>
#include <iostream>
#include <memory>

#include "pressroom/plugin.h"
#include "sdk/declaration_json.h"

namespace pressroom {
namespace {

constexpr std::int64_t kSomeBudget = 1024;

const char* kind_words(Ranking ranking) {
  switch (ranking) {
    case Ranking::kNone:
      return "evicts nothing";
    case Ranking::kBirthScore:
      return "score at birth";
    case Ranking::kSignal:
      return "attention signal";
    case Ranking::kScore:
      return "score on demand";
    case Ranking::kKeep:
      return "own decision";
  }
  return "";
}

void print(const char* key, std::string value) {
  std::replace(value.begin(), value.end(), '\n', ' ');
  std::cout << key << '=' << value << '\n';
}

// How a method decides, as far as it says so before it is told anything. Prints what else its plan
// says that has to be known where it cannot be loaded.
std::string kind_of(Method& method, const PluginInfo& info) {
  std::map<std::string, ParameterValue> values;
  for (const ParameterSpec& spec : info.parameters) {
    if (spec.type == ParameterType::kMethod) return "wrapper";
    if (spec.required()) return spec.type == ParameterType::kPath ? "needs a file" : "-";
    values[spec.name] = spec.default_value;
  }
  try {
    method.configure(Parameters(std::move(values)));
    const EvictionPlan plan = method.plan(kSomeBudget);
    print("positions", to_string(plan.positions));
    print("takes_budget", takes_budget(plan) ? "yes" : "no");
    return kind_words(plan.ranking);
  } catch (const std::exception&) {
    return "-";
  }
}

std::string parameter_words(const std::vector<ParameterSpec>& specs) {
  std::string text;
  for (const ParameterSpec& spec : specs) {
    const bool blank = spec.default_value == ParameterValue(std::string());
    text += (text.empty() ? "`" : ", `") + spec.name + '`';
    if (spec.required()) text += " (required)";
    if (!spec.required() && !blank) text += ' ' + to_string(spec.default_value);
  }
  return text;
}

int describe(const char* file) {
  void* const library = ::dlopen(file, RTLD_NOW | RTLD_LOCAL);
  void* const symbol = library != nullptr ? ::dlsym(library, kPluginSymbol) : nullptr;
  if (symbol == nullptr) {
    std::cerr << ::dlerror() << '\n';
    return 1;
  }
  const PluginDescriptor* const descriptor = reinterpret_cast<PluginEntry*>(symbol)();
  if (descriptor->descriptor_bytes != sizeof(PluginDescriptor)) {
    std::cerr << "it was built against other headers than this program\n";
    return 1;
  }
  const std::unique_ptr<Plugin> plugin(descriptor->create());
  const PluginInfo info = plugin->describe();
  std::cout << "pressroom-description\n";
  print("summary", info.summary);
  print("paper", info.paper);
  if (auto* method = dynamic_cast<Method*>(plugin.get())) print("kind", kind_of(*method, info));
  print("parameters", parameter_words(info.parameters));
  print("declaration", declaration_text(info));
  std::cout << "end\n";
  return std::cout.flush() ? 0 : 1;
}

}  // namespace
}  // namespace pressroom

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: pressroom_describe_plugin FILE\n";
    return 2;
  }
  try {
    return pressroom::describe(argv[1]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
