// The line that nothing thrown by a plugin crosses unchanged, and behind which nothing computes in
// another way than before it.
//
//   EvictionPlan plan = at_plugin_boundary("method \"h2o\"", "planning", file,
//                                          [&] { return method->plan(budget_tokens); });
#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "plugin/state_guard.h"

namespace pressroom {

// Rethrows the exception being handled as an Error of the host's own making. `plugin` names the
// plugin, `doing` what it was called for ("being made"), `file` its shared object. An Error keeps
// its parts; of anything else the type and the message are told, without libtorch's backtrace.
// Call inside a catch block only.
[[noreturn]] void rethrow_from_plugin(const std::string& plugin, const std::string& doing,
                                      const std::filesystem::path& file);

// Runs `call`, which enters plugin code, and returns what it returns. Throws Error, too, where the
// code leaves the thread or the process in another state (plugin/state_guard.h), which is put back.
// Where several threads enter plugins at once, `Guard` is a ThreadGuard.
template <typename Guard = StateGuard, typename Call>
auto at_plugin_boundary(const std::string& plugin, const std::string& doing,
                        const std::filesystem::path& file, Call&& call) -> decltype(call()) {
  try {
    return under<Guard>(std::forward<Call>(call));
  } catch (...) {
    rethrow_from_plugin(plugin, doing, file);
  }
}

}  // namespace pressroom
