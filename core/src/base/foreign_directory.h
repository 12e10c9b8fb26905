// A directory that one user keeps to themselves and another one works on: what to say then, in
// place of "Permission denied".
//
//   if (const auto problem = kept_from_this_user("results/x")) throw Error(*problem);
#pragma once

#include <filesystem>
#include <optional>

#include "pressroom/error.h"

namespace pressroom {

// Where `directory` is another user's, and this process may not read it, write to it or look into
// it: whose it is, and what its owner can do. Nothing in every other case, where it is not there,
// too.
std::optional<Problem> kept_from_this_user(const std::filesystem::path& directory);

}  // namespace pressroom
