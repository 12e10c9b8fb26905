// Loads a plugin in a process of its own first: one that crashes, ends its process or does not
// return while it is loaded, made or asked what it is does that there.
//
//   if (const std::optional<Problem> problem = trial_load(record)) throw Error(*problem);
//   LoadedPlugin plugin(record);      // may still throw: what it throws is not looked at above
#pragma once

#include <chrono>
#include <optional>

#include "plugin/manifest.h"
#include "pressroom/error.h"

namespace pressroom {

// What ended the process, with the last lines that it wrote; nothing where it survived. A process
// that takes longer than `most` is ended. Where no process can be made nothing is found out.
std::optional<Problem> trial_load(const PluginRecord& record,
                                  std::chrono::seconds most = std::chrono::seconds(60));

}  // namespace pressroom
