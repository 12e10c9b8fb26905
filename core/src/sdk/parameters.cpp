#include "pressroom/parameters.h"

#include <cmath>
#include <utility>

#include "pressroom/error.h"
#include "pressroom/standard_parameters.h"

namespace pressroom {
namespace {

ParameterSpec declare(std::string name, ParameterType type, ParameterValue default_value,
                      std::string help) {
  ParameterSpec spec;
  spec.name = std::move(name);
  spec.type = type;
  spec.default_value = std::move(default_value);
  spec.help_text = std::move(help);
  return spec;
}

}  // namespace

std::int64_t TokensOrFraction::tokens(std::int64_t budget_tokens) const {
  PRESSROOM_ASSERT(std::isfinite(value) && value >= 0);
  return static_cast<std::int64_t>(value < 1 ? value * static_cast<double>(budget_tokens) : value);
}

ParameterSpec& ParameterSpec::at_least(double value) {
  minimum = value;
  return *this;
}

ParameterSpec& ParameterSpec::at_most(double value) {
  maximum = value;
  return *this;
}

ParameterSpec& ParameterSpec::odd() {
  is_odd = true;
  return *this;
}

ParameterSpec& ParameterSpec::one_of(std::vector<std::string> values) {
  choices = std::move(values);
  return *this;
}

ParameterSpec& ParameterSpec::alias(std::string other_name) {
  aliases.push_back(std::move(other_name));
  return *this;
}

ParameterSpec boolean(std::string name, bool default_value, std::string help) {
  return declare(std::move(name), ParameterType::kBool, default_value, std::move(help));
}

ParameterSpec integer(std::string name, std::int64_t default_value, std::string help) {
  return declare(std::move(name), ParameterType::kInteger, default_value, std::move(help));
}

ParameterSpec number(std::string name, double default_value, std::string help) {
  PRESSROOM_ASSERT(std::isfinite(default_value));
  return declare(std::move(name), ParameterType::kNumber, default_value, std::move(help));
}

ParameterSpec string(std::string name, std::string default_value, std::string help) {
  return declare(std::move(name), ParameterType::kString, std::move(default_value),
                 std::move(help));
}

ParameterSpec optional_path(std::string name, std::string help) {
  return declare(std::move(name), ParameterType::kPath, std::string(), std::move(help));
}

ParameterSpec tokens_or_fraction(std::string name, double default_value, std::string help) {
  PRESSROOM_ASSERT(default_value >= 0 &&
                   (default_value < 1 || std::trunc(default_value) == default_value));
  return declare(std::move(name), ParameterType::kTokensOrFraction, TokensOrFraction{default_value},
                 std::move(help));
}

ParameterSpec integer_list(std::string name, std::vector<std::int64_t> default_value,
                           std::string help) {
  return declare(std::move(name), ParameterType::kIntegerList, std::move(default_value),
                 std::move(help));
}

ParameterSpec number_list(std::string name, std::vector<double> default_value, std::string help) {
  for (const double value : default_value) PRESSROOM_ASSERT(std::isfinite(value));
  return declare(std::move(name), ParameterType::kNumberList, std::move(default_value),
                 std::move(help));
}

ParameterSpec string_list(std::string name, std::vector<std::string> default_value,
                          std::string help) {
  return declare(std::move(name), ParameterType::kStringList, std::move(default_value),
                 std::move(help));
}

ParameterSpec required(std::string name, ParameterType type, std::string help) {
  return declare(std::move(name), type, std::monostate(), std::move(help));
}

ParameterSpec inner_method(std::string name, std::string help) {
  return required(std::move(name), ParameterType::kMethod, std::move(help));
}

namespace {

template <typename T>
const T& value_of(const std::map<std::string, ParameterValue>& values, const std::string& name) {
  const auto found = values.find(name);
  if (found == values.end() || !std::holds_alternative<T>(found->second)) {
    const std::string claim = "\"" + name + "\" declared as a parameter of the type asked for";
    assertion_failed(claim.c_str(), __FILE__, __LINE__);
  }
  return std::get<T>(found->second);
}

}  // namespace

bool Parameters::boolean(const std::string& name) const { return value_of<bool>(values_, name); }

std::int64_t Parameters::integer(const std::string& name) const {
  return value_of<std::int64_t>(values_, name);
}

double Parameters::number(const std::string& name) const { return value_of<double>(values_, name); }

const std::string& Parameters::string(const std::string& name) const {
  return value_of<std::string>(values_, name);
}

TokensOrFraction Parameters::tokens_or_fraction(const std::string& name) const {
  return value_of<TokensOrFraction>(values_, name);
}

const std::vector<std::int64_t>& Parameters::integers(const std::string& name) const {
  return value_of<std::vector<std::int64_t>>(values_, name);
}

const std::vector<double>& Parameters::numbers(const std::string& name) const {
  return value_of<std::vector<double>>(values_, name);
}

const std::vector<std::string>& Parameters::strings(const std::string& name) const {
  return value_of<std::vector<std::string>>(values_, name);
}

InnerMethod Parameters::method(const std::string& name) const {
  return value_of<InnerMethod>(values_, name);
}

ParameterSpec sinks_parameter(std::int64_t default_value, const std::string& help,
                              const std::string& name) {
  ParameterSpec spec = integer(name, default_value, help).at_least(0);
  for (const char* spelling : {"n_sink", "sinks", "start_size", "init_cache_size"}) {
    if (name != spelling) spec.alias(spelling);
  }
  return spec;
}

ParameterSpec recents_parameter(double default_value) {
  return tokens_or_fraction("recent", default_value,
                            "last entries, never evicted: tokens, or a fraction of the budget")
      .alias("recent_size");
}

ParameterSpec share_parameter(Share default_value) {
  const char* names[] = {"kv_head", "layer", "model"};
  return string("share", names[static_cast<int>(default_value)],
                "heads that hold the same entries, chosen by the mean over them")
      .one_of({"kv_head", "layer", "model"});
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
