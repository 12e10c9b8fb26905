#include "pressroom/standard_parameters.h"

namespace pressroom {

ParameterSpec sinks_parameter(std::int64_t default_value, const std::string& name) {
  ParameterSpec spec = integer(name, default_value).at_least(0).help(kSinksHelp);
  for (const char* spelling : {"n_sink", "sinks", "start_size", "init_cache_size"}) {
    if (name != spelling) spec.alias(spelling);
  }
  return spec;
}

ParameterSpec recents_parameter(double default_value) {
  return tokens_or_fraction("recent", default_value)
      .alias("recent_size")
      .help("last entries, never evicted: tokens, or a fraction of the budget");
}

ParameterSpec share_parameter(Share default_value) {
  const char* names[] = {"kv_head", "layer", "model"};
  return string("share", names[static_cast<int>(default_value)])
      .one_of({"kv_head", "layer", "model"})
      .help("heads that hold the same entries, chosen by the mean over them");
}

void set_share(EvictionPlan& plan, Share share) {
  plan.share = share;
  plan.couples_layers = plan.couples_layers || share == Share::kModel;
}

void assign(bool& field, const Parameters& parameters, const std::string& name) {
  field = parameters.boolean(name);
}

void assign(std::int64_t& field, const Parameters& parameters, const std::string& name) {
  field = parameters.integer(name);
}

void assign(double& field, const Parameters& parameters, const std::string& name) {
  field = parameters.number(name);
}

void assign(std::string& field, const Parameters& parameters, const std::string& name) {
  field = parameters.string(name);
}

void assign(TokensOrFraction& field, const Parameters& parameters, const std::string& name) {
  field = parameters.tokens_or_fraction(name);
}

void assign(Share& field, const Parameters& parameters, const std::string& name) {
  const std::string& share = parameters.string(name);
  field = share == "layer" ? Share::kLayer : share == "model" ? Share::kModel : Share::kKvHead;
}

void assign(InnerMethod& field, const Parameters& parameters, const std::string& name) {
  field = parameters.method(name);
}

void assign(std::vector<std::int64_t>& field, const Parameters& parameters,
            const std::string& name) {
  field = parameters.integers(name);
}

void assign(std::vector<double>& field, const Parameters& parameters, const std::string& name) {
  field = parameters.numbers(name);
}

void assign(std::vector<std::string>& field, const Parameters& parameters,
            const std::string& name) {
  field = parameters.strings(name);
}

}  // namespace pressroom
