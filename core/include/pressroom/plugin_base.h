// What every plugin is, whatever its kind: described, configured, then used.
#pragma once

#include <string>
#include <vector>

#include "pressroom/parameters.h"

namespace pressroom {

// What `pressroom show` prints and a config is checked against.
struct PluginInfo {
  std::string summary;  // one line
  std::string paper;    // author, venue, identifier; "" when there is none
  std::vector<ParameterSpec> parameters;
};

class Plugin {
 public:
  Plugin() = default;
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;
  virtual ~Plugin();

  // Constant for the plugin's life; called before `configure`.
  virtual PluginInfo describe() const = 0;

  // Called exactly once, with a value for every declared parameter. Throws Error when values
  // contradict each other.
  virtual void configure(const Parameters& parameters);
};

}  // namespace pressroom
