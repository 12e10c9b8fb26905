// Who else may put code among the plugins.
#pragma once

#include <filesystem>
#include <vector>

#include "pressroom/error.h"

namespace pressroom {

// A problem for each of `folders`, and for each *.so in them, that every user of the machine may
// write to: a plugin runs with the rights of who starts the harness. None for what cannot be looked
// at.
std::vector<Problem> writable_by_anyone(const std::vector<std::filesystem::path>& folders);

}  // namespace pressroom
