#include "base/environment.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

namespace pressroom {

std::string environment_value(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::filesystem::path environment_path(const char* name) {
  const std::string value = environment_value(name);
  if (value == "~") return user_home();
  if (value.rfind("~/", 0) == 0) return user_home() / value.substr(2);
  return value;
}

std::filesystem::path user_home() {
  const std::string home = environment_value("HOME");
  if (!home.empty()) return home;
  const passwd* user = ::getpwuid(::getuid());
  return user != nullptr ? std::filesystem::path(user->pw_dir) : std::filesystem::path("/");
}

}  // namespace pressroom
