// What holds for every method, tried on one: for the author of a method, before a campaign.
//
//   MethodChecksRequest request;
//   request.method = parse_plugin_use("{name: my_method, window: 8}", ...);
//   for (const MethodCheck& check : check_method(request, host, control)) ...
//
// Under stream, chunked and prefill it is run, replayed and decoded, run once more, run with a
// budget that holds everything, and run on another ending of the document. What its paper promises
// is not tried here: that is a golden test of its own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/config.h"
#include "engine/run.h"

namespace pressroom {

struct MethodChecksRequest {
  PluginUse method;
  std::string model = "starter";
  std::int64_t tokens = 256;  // of the document, which is drawn at random
  double sparsity = 0.5;      // of what a protocol compresses, for methods that take a budget
  std::uint64_t seed = 0;     // of the document, and of methods that draw
};

struct MethodCheck {
  enum class Outcome { kPassed, kFailed, kNotTried };
  std::string protocol;  // as inline YAML
  std::string claim;     // "replay and decode agree"
  Outcome outcome = Outcome::kPassed;
  std::string reason;  // why it failed, or was not tried
};

// All checks, in the order they were made. Throws Error where the model cannot be had or the method
// cannot be made or bound; Interrupted on request.
std::vector<MethodCheck> check_method(const MethodChecksRequest& request, PluginHost& host,
                                      const RunControl& control);

}  // namespace pressroom
