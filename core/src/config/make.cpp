#include "config/config.h"
#include "plugin/boundary.h"
#include "plugin/manifest.h"

namespace pressroom {
namespace {

Parameters parameters_of(const PluginUse& use, PluginHost& host) {
  std::map<std::string, ParameterValue> values = use.values;
  for (const auto& [name, inner] : use.inner) {
    values[name] = InnerMethod(make_configured_method(*inner, host));
  }
  return Parameters(std::move(values));
}

void configure(Plugin& plugin, PluginKind kind, const PluginUse& use, PluginHost& host) {
  const Parameters parameters = parameters_of(use, host);
  at_plugin_boundary(quoted_label(kind, use.name), "being configured",
                     host.find(kind, use.name).file, [&] { plugin.configure(parameters); });
}

}  // namespace

std::unique_ptr<Method> make_configured_method(const PluginUse& use, PluginHost& host) {
  std::unique_ptr<Method> method = host.make_method(use.name);
  configure(*method, PluginKind::kMethod, use, host);
  return method;
}

std::unique_ptr<DatasetReader> make_configured_dataset(const PluginUse& use, PluginHost& host) {
  std::unique_ptr<DatasetReader> reader = host.make_dataset(use.name);
  configure(*reader, PluginKind::kDataset, use, host);
  return reader;
}

std::unique_ptr<Metric> make_configured_metric(const PluginUse& use, PluginHost& host) {
  std::unique_ptr<Metric> metric = host.make_metric(use.name);
  configure(*metric, PluginKind::kMetric, use, host);
  return metric;
}

}  // namespace pressroom
