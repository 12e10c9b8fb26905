// Every method there is, for a look at what each costs.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "bench/document_bench.h"

namespace pressroom {

struct AllMethods {
  std::vector<PluginUse> uses;
  // Those that cannot be part of this run, and why: {"kvzip", "..."}.
  std::vector<std::pair<std::string, std::string>> left_out;
};

// All methods of `host` with their default parameters, wrappers around keydiff, as far as they can
// run as `request` says (its `methods` are not looked at).
AllMethods all_methods(const BenchRequest& request, PluginHost& host);

}  // namespace pressroom
