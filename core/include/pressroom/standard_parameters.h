// The parameters that many methods have, each with one name, one set of other spellings and one
// meaning everywhere. Declaration has a word for each (sinks, recents, share), which also binds it
// to the plan; these are for methods that do something else with the value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pressroom/method.h"
#include "pressroom/parameters.h"

namespace pressroom {

inline constexpr const char* kSinksHelp = "first tokens of the document, never evicted";

// `n_sink`, or what a paper calls it: entries with an original position below this never leave. All
// spellings in use are accepted whichever is the first.
ParameterSpec sinks_parameter(std::int64_t default_value, const std::string& help = kSinksHelp,
                              const std::string& name = "n_sink");

// `recent`: the last entries, tokens or a fraction of the budget.
ParameterSpec recents_parameter(double default_value);

// `share`, one of kv_head (each KV head chooses for itself), layer (the KV heads of a layer hold
// the same entries) and model (all heads of all layers do).
ParameterSpec share_parameter(Share default_value = Share::kKvHead);

// Puts `share` into `plan`. Sharing over the model couples its layers: decode engine only.
void set_share(EvictionPlan& plan, Share share);

// Reads the parameter `name` into a field, by the field's type. Asserts where it is declared with
// another one.
void assign(bool& field, const Parameters& parameters, const std::string& name);
void assign(std::int64_t& field, const Parameters& parameters, const std::string& name);
void assign(double& field, const Parameters& parameters, const std::string& name);
void assign(std::string& field, const Parameters& parameters, const std::string& name);
void assign(TokensOrFraction& field, const Parameters& parameters, const std::string& name);
void assign(Share& field, const Parameters& parameters, const std::string& name);
void assign(InnerMethod& field, const Parameters& parameters, const std::string& name);
void assign(std::vector<std::int64_t>& field, const Parameters& parameters,
            const std::string& name);
void assign(std::vector<double>& field, const Parameters& parameters, const std::string& name);
void assign(std::vector<std::string>& field, const Parameters& parameters, const std::string& name);

}  // namespace pressroom
