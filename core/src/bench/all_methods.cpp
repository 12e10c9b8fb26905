#include "bench/all_methods.h"

#include "admission/bind_method.h"
#include "config/config.h"
#include "config/plugin_use.h"
#include "model/description.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

constexpr const char* kInner = "keydiff";

// "{name: adakv, inner: knorm}": with something for every method it wraps.
std::string use_of(const std::string& name, const PluginInfo& info) {
  std::string text = "{name: " + name;
  for (const ParameterSpec& spec : info.parameters) {
    if (spec.required() && spec.type == ParameterType::kMethod) {
      text += ", " + spec.name + ": {name: " + kInner + "}";
    }
  }
  return text + "}";
}

}  // namespace

AllMethods all_methods(const BenchRequest& request, PluginHost& host) {
  const ModelFiles files = find_model(request.model);
  const ModelFacts facts = read_description(files).facts;
  AllMethods all;
  for (const std::string& name : host.names(PluginKind::kMethod)) {
    try {
      const std::string text = use_of(name, host.describe(PluginKind::kMethod, name));
      BenchRequest alone = request;
      alone.methods = {parse_plugin_use(text, PluginKind::kMethod, "--methods all", host)};
      alone.decoded.clear();
      planned_runs(alone, host);
      bind_method(*make_configured_method(alone.methods.front(), host), name, files, facts);
      all.uses.push_back(alone.methods.front());
    } catch (const Error& error) {
      const Problem& problem = error.problems().front();
      all.left_out.emplace_back(name, problem.what + ", expected " + problem.expected);
    }
  }
  return all;
}

}  // namespace pressroom
