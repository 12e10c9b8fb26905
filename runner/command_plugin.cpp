#include <iostream>

#include "base/strings.h"
#include "command.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

struct PluginCommand {
  const char* name;
  const char* summary;
  int (*run)(const Words&);
};

constexpr PluginCommand kPluginCommands[] = {
    {"new", "a project of its own that builds and passes its tests", command_plugin_new},
    {"build", "configure and build such a project", command_plugin_build},
    {"test", "build it, and run its tests", command_plugin_test},
};

void print_plugin_usage(std::ostream& out) {
  out << "usage: pressroom plugin COMMAND [ARGUMENTS]\n\n";
  for (const PluginCommand& command : kPluginCommands) {
    out << "  " << command.name << std::string(10 - std::string(command.name).size(), ' ')
        << command.summary << "\n";
  }
  out << "\npressroom plugin COMMAND --help says more.\n";
}

}  // namespace

int command_plugin(const Words& words) {
  if (words.empty() || words[0] == "--help" || words[0] == "-h") {
    print_plugin_usage(words.empty() ? std::cerr : std::cout);
    return words.empty() ? kWrongRequest : kDone;
  }
  Words names;
  for (const PluginCommand& command : kPluginCommands) {
    if (words[0] == command.name) return command.run(Words(words.begin() + 1, words.end()));
    names.emplace_back(command.name);
  }
  const std::string near = closest_match(words[0], names);
  throw Error(
      {"plugin has no such command", "", joined(names), words[0],
       near.empty() ? "pressroom plugin --help lists them" : "did you mean \"" + near + "\"?"});
}

}  // namespace pressroom
