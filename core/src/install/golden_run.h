// Asks a plugin for its golden answers in a process of its own: one that crashes, hangs or takes
// all memory does that there.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "base/limited_command.h"
#include "bundle/bundle_manifest.h"

namespace pressroom {

// What the plugin in `shared_object` answers on the starter model, as golden.json has it, used as
// bundle.yaml in the folder `project` says. Throws Error where the process ends in any other way
// than by answering; Interrupted where limits.stop_requested says so.
std::string ask_for_golden(const std::filesystem::path& shared_object,
                           const std::filesystem::path& project, const CommandLimits& limits);

// The same held to `recorded`, the bundle's own golden.json. Throws Error where they differ.
void require_golden(const std::string& recorded, const std::filesystem::path& shared_object,
                    const std::filesystem::path& project, const CommandLimits& limits,
                    const std::string& where);

}  // namespace pressroom
