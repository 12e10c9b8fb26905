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

// How long a plugin may take to be loaded, made and asked what it is.
inline constexpr std::chrono::seconds kMostTrial{60};

// What ended the process, with what it wrote; nothing where it survived. A process that takes
// longer than `most` is ended, with what it has started; one that was killed from outside is tried
// again, twice. Where no process can be made, or waited for, nothing is found out. This process
// must have one thread: in the other there is only the one that forked.
std::optional<Problem> trial_load(const PluginRecord& record,
                                  std::chrono::seconds most = kMostTrial);

}  // namespace pressroom
