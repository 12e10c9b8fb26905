// What a plugin says of itself as one line of JSON: how its file keeps it, so that a config can be
// checked against a plugin that is not loaded.
//
//   {"summary": "...", "paper": "...", "parameters": [{"name": "recent", "type": "integer",
//    "default": 4, "minimum": 0, "help": "..."}, ...]}
//
// Of a parameter what does not apply is left out; without `default` it must be given.
#pragma once

#include <optional>
#include <string>

#include "pressroom/plugin_base.h"

namespace pressroom {

std::string declaration_text(const PluginInfo& info);

// Nothing where `text` is no such line: it came with a file that anyone may have written. What the
// parameters say may still contradict itself (declaration_problems()).
std::optional<PluginInfo> declaration_from_text(const std::string& text);

}  // namespace pressroom
