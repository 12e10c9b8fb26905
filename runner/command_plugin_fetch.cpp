#include <spdlog/spdlog.h>

#include <algorithm>
#include <iostream>

#include "base/shell_word.h"
#include "bundle/variant.h"
#include "command.h"
#include "golden_limits.h"
#include "installed_plugins.h"
#include "offers.h"
#include "pressroom/error.h"
#include "print_installation.h"
#include "results/plugins_lock.h"

namespace pressroom {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

std::string title(const LockedPlugin& plugin) {
  return plugin.kind + " \"" + plugin.name + "\" " + plugin.version;
}

Problem not_found(const LockedPlugin& plugin) {
  Problem problem = {"no known repository has the bundle of " + title(plugin), plugin.location,
                     "SHA-256 " + plugin.bundle_sha256, "", ""};
  if (plugin.repository.empty()) {
    problem.fix = "it was installed from that file: get it, and pressroom plugin install FILE" +
                  (plugin.key.empty() ? std::string(" --allow-unsigned") : " --key " + plugin.key);
  } else {
    problem.fix = "if you trust it: pressroom repo add " + plugin.repository + " " +
                  shell_word(plugin.location) + " --key " +
                  (plugin.key.empty() ? "KEY" : plugin.key);
  }
  return problem;
}

// The bundle of exactly these bytes. Those of the repository that the lock names are looked at
// first, whatever it is called here. What keeps one from being looked into goes to `problems`:
// another may have it.
std::optional<FoundBundle> find_exactly(const LockedPlugin& plugin, Repositories& repositories,
                                        std::vector<Problem>& problems) {
  std::vector<KnownRepository> known = repositories.known();
  std::stable_partition(known.begin(), known.end(), [&](const KnownRepository& one) {
    return one.location == plugin.location;
  });
  for (const KnownRepository& one : known) {
    try {
      Repository& repository = repositories.open(one.name);
      for (const IndexedBundle& bundle : repository.index().bundles) {
        if (bundle.sha256 == plugin.bundle_sha256) return FoundBundle{&repository, bundle};
      }
    } catch (const Error& error) {
      problems.insert(problems.end(), error.problems().begin(), error.problems().end());
    }
  }
  return std::nullopt;
}

}  // namespace

int command_plugin_fetch(const Words& words) {
  po::options_description options("options");
  options.add_options()("lock", po::value<std::string>()->value_name("FILE")->required(),
                        "plugins.lock of a campaign's directory");
  options.add_options()("allow-unsigned",
                        "take what nobody vouches for, where the campaign had it unsigned, too");
  add_golden_limits(options);
  add_home_option(options);
  const po::variables_map values =
      parse_words(words, "plugin fetch --lock DIR/plugins.lock [OPTIONS]", options, {});
  const PluginsLock lock = read_plugins_lock(values["lock"].as<std::string>());
  watch_signals();
  InstallOptions how;
  how.home = home_from(values);
  how.limits = golden_limits(values);
  how.on_step = [](const std::string& step) { spdlog::info("{}", step); };
  Repositories repositories(how.home, stop_was_requested);
  std::vector<Problem> missing;
  for (const LockedPlugin& plugin : lock.plugins) {
    if (plugin.origin == kFromFolder) {
      spdlog::warn(
          "{} came from a folder (--plugin-dir), and can only be got from who has it; its file has "
          "the SHA-256 {}",
          title(plugin), plugin.file_sha256);
    }
    if (plugin.origin != kFromBundle) continue;
    std::vector<Problem> unread;
    const std::optional<FoundBundle> found = find_exactly(plugin, repositories, unread);
    if (!found) {
      missing.insert(missing.end(), unread.begin(), unread.end());
      missing.push_back(not_found(plugin));
      continue;
    }
    const bool may_be_unsigned = values.count("allow-unsigned") > 0 && plugin.is_unsigned();
    print_installation(install_bundle(repositories.offer(*found, may_be_unsigned), how));
  }
  if (!missing.empty()) throw Error(missing);
  return kDone;
}

}  // namespace pressroom
