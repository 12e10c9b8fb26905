// Environment variables as text and as paths.
//
//   environment_value("HF_TOKEN")          // "" where it is unset
//   environment_path("XDG_CACHE_HOME")     // "~/caches" is /home/user/caches
#pragma once

#include <filesystem>
#include <string>

namespace pressroom {

// The value of the environment variable `name`, "" where it is unset.
std::string environment_value(const char* name);

// The same as a path, in which a leading "~/" is the user's home folder.
std::filesystem::path environment_path(const char* name);

// HOME, else what the system has as the home folder of the user, else "/".
std::filesystem::path user_home();

}  // namespace pressroom
