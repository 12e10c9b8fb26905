// Checks what a plugin says of its parameters: a declaration that contradicts itself would make
// every config that uses the plugin wrong.
#pragma once

#include <string>
#include <vector>

#include "pressroom/error.h"
#include "pressroom/plugin_base.h"

namespace pressroom {

// Every contradiction in `info`, none when it is sound: names that are not [a-z][a-z0-9_]*, that
// are declared twice (aliases count) or that a config entry uses itself (`name`, `as`,
// `positions`); defaults of another type than declared, outside the declared range, or not among
// the declared choices. `plugin` and `where` are what the problems call the plugin and its file.
std::vector<Problem> declaration_problems(const PluginInfo& info, const std::string& plugin,
                                          const std::string& where);

}  // namespace pressroom
