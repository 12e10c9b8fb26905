#include "campaign/helpful_keys.h"

#include <memory>
#include <utility>

#include "engine/eviction/eviction.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

// A use with one parameter, which `key` leads to, at a low value.
struct Variant {
  std::string key;
  PluginUse use;
};

// Lowest values that are worth trying: the least there is, and the least that is not nothing.
std::vector<ParameterValue> low_values(const ParameterSpec& spec) {
  const double least = spec.minimum.value_or(0);
  switch (spec.type) {
    case ParameterType::kInteger:
      return {static_cast<std::int64_t>(least), std::int64_t{1}};
    case ParameterType::kNumber:
      return {least};
    case ParameterType::kTokensOrFraction:
      return {TokensOrFraction{least}, TokensOrFraction{1}};
    default:
      return {};
  }
}

std::vector<Variant> variants_of(const PluginUse& use, PluginHost& host) {
  std::vector<Variant> variants;
  for (const ParameterSpec& spec : host.describe(PluginKind::kMethod, use.name).parameters) {
    for (ParameterValue& value : low_values(spec)) {
      Variant variant{spec.name, use};
      variant.use.values[spec.name] = std::move(value);
      variants.push_back(std::move(variant));
    }
    const auto inner = use.inner.find(spec.name);
    if (inner == use.inner.end()) continue;
    for (Variant& changed : variants_of(*inner->second, host)) {
      Variant variant{spec.name + "." + changed.key, use};
      variant.use.inner[spec.name] = std::make_shared<const PluginUse>(std::move(changed.use));
      variants.push_back(std::move(variant));
    }
  }
  return variants;
}

bool is_helped(const PluginUse& use, std::int64_t budget_tokens,
               const std::function<bool(const EvictionPlan&)>& helps, PluginHost& host) {
  try {
    const std::unique_ptr<Method> method = make_configured_method(use, host);
    return helps(checked_plan(*method, budget_tokens, use.name));
  } catch (const Error&) {
    return false;  // a value that does not go with the others is no way out
  }
}

}  // namespace

std::vector<std::string> helpful_keys(const PluginUse& use, std::int64_t budget_tokens,
                                      const std::function<bool(const EvictionPlan&)>& helps,
                                      PluginHost& host) {
  std::vector<std::string> keys;
  for (const Variant& variant : variants_of(use, host)) {
    if (!keys.empty() && keys.back() == variant.key) continue;
    if (is_helped(variant.use, budget_tokens, helps, host)) keys.push_back(variant.key);
  }
  return keys;
}

}  // namespace pressroom
