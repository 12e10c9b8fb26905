#include <spdlog/spdlog.h>

#include <iostream>
#include <map>

#include "base/utf8.h"
#include "bundle/variant.h"
#include "command.h"
#include "golden_limits.h"
#include "installed_plugins.h"
#include "offers.h"
#include "pressroom/error.h"
#include "print_installation.h"

namespace pressroom {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

void add_install_options(po::options_description& options) {
  options.add_options()("allow-unsigned",
                        "take it this once though nobody that is trusted here vouches for it");
  options.add_options()("no-golden", "do not ask it for its golden answers");
  add_golden_limits(options);
  add_home_option(options);
}

InstallOptions install_options(const po::variables_map& values) {
  InstallOptions options;
  options.home = home_from(values);
  options.ask_golden = values.count("no-golden") == 0;
  options.limits = golden_limits(values);
  options.on_step = [](const std::string& step) { spdlog::info("{}", step); };
  return options;
}

// What is newer than `plugin` in the repository that it is from.
void update(const InstalledPlugin& plugin, Repositories& repositories, bool allow_unsigned,
            const InstallOptions& how) {
  const std::string title = plugin.name + " " + plugin.version.text();
  if (plugin.repository.empty()) {
    std::cout << title << ": came as a file, from " << printable(plugin.location) << "\n";
    return;
  }
  const FoundBundle found = repositories.find(plugin.name, plugin.repository);
  if (found.bundle.version <= plugin.version) {
    std::cout << title << ": the newest\n";
    return;
  }
  print_installation(install_bundle(repositories.offer(found, allow_unsigned), how));
}

}  // namespace

int command_plugin_install(const Words& words) {
  po::options_description options("options");
  options.add_options()("from", po::value<std::string>()->value_name("REPOSITORY"),
                        "look in this repository alone");
  options.add_options()("key", po::value<Words>()->composing()->value_name("KEY"),
                        "for a file: a public key that may vouch for it, its line or its file");
  add_install_options(options);
  const po::variables_map values = parse_words(
      words, "plugin install NAME[@VERSION]|BUNDLE... [OPTIONS]", options, {"plugins..."});
  const InstallOptions how = install_options(values);
  const bool allow_unsigned = values.count("allow-unsigned") > 0;
  const std::string from = values.count("from") > 0 ? values["from"].as<std::string>() : "";
  watch_signals();
  Repositories repositories(how.home, stop_was_requested);
  const std::vector<PublicKey> keys = public_keys_from(values, "key");
  std::vector<BundleOffer> offers;  // all are there before the first is installed
  for (const std::string& word : values["plugins"].as<Words>()) {
    offers.push_back(names_a_bundle_file(word)
                         ? offer_of_file(word, keys, allow_unsigned)
                         : repositories.offer(repositories.find(word, from), allow_unsigned));
  }
  for (const BundleOffer& offer : offers) print_installation(install_bundle(offer, how));
  return kDone;
}

int command_plugin_update(const Words& words) {
  po::options_description options("options");
  add_install_options(options);
  const po::variables_map values =
      parse_words(words, "plugin update [NAME] [OPTIONS]", options, {"name?"});
  const InstallOptions how = install_options(values);
  const std::string only = values.count("name") > 0 ? values["name"].as<std::string>() : "";
  watch_signals();
  Repositories repositories(how.home, stop_was_requested);
  // The newest of each is what its name means: older ones are left to who asks for them.
  std::map<std::string, InstalledPlugin> newest;
  for (const InstalledPlugin& plugin : read_profile(how.home, variant_name()).plugins) {
    if (only.empty() || plugin.name == only) newest[plugin.name] = plugin;
  }
  if (!only.empty() && newest.empty()) {
    throw Error({"there is nothing to update", "", "a plugin that is installed", only,
                 "pressroom plugin list says which are; to get another: pressroom plugin install"});
  }
  std::vector<Problem> problems;
  for (const auto& [name, plugin] : newest) {
    try {
      update(plugin, repositories, values.count("allow-unsigned") > 0, how);
    } catch (const Error& error) {  // the others are updated all the same
      problems.insert(problems.end(), error.problems().begin(), error.problems().end());
    }
  }
  if (!problems.empty()) throw Error(std::move(problems));
  return kDone;
}

}  // namespace pressroom
