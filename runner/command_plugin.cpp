#include "command.h"
#include "subcommands.h"

namespace pressroom {

int command_plugin(const Words& words) {
  static const std::vector<CommandEntry> kCommands = {
      {"new", "a project of its own that builds and passes its tests", command_plugin_new},
      {"build", "configure and build such a project", command_plugin_build},
      {"test", "build it, and run its tests", command_plugin_test},
      {"answers", "what a plugin answers on the starter model, as JSON", command_plugin_answers},
      {"pack", "build it, record its golden answers, and make a bundle", command_plugin_pack},
      {"sign", "sign bundles, or make a key to do so", command_plugin_sign},
      {"publish", "put signed bundles into a repository", command_plugin_publish},
      {"search", "what the repositories have", command_plugin_search},
      {"info", "one plugin of the repositories, in all its versions", command_plugin_info},
      {"install", "get a plugin from a repository, or from a bundle", command_plugin_install},
      {"update", "get the newest version of what is installed", command_plugin_update},
      {"remove", "have campaigns no longer find a plugin", command_plugin_remove},
      {"rollback", "go back to what was installed before", command_plugin_rollback},
      {"list", "what is installed, and who vouches for it", command_plugin_list},
      {"verify", "hold a bundle, or what is installed, to its hashes", command_plugin_verify},
      {"fetch", "install exactly what a campaign used (plugins.lock)", command_plugin_fetch},
  };
  return run_subcommand(kCommands, words, "pressroom plugin");
}

}  // namespace pressroom
