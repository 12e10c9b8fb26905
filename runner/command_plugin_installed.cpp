#include <algorithm>
#include <iostream>
#include <optional>

#include "base/utf8.h"
#include "base/whole_file.h"
#include "bundle/bundle_archive.h"
#include "bundle/bundle_contents.h"
#include "bundle/variant.h"
#include "command.h"
#include "golden_limits.h"
#include "install/golden_run.h"
#include "installed_plugins.h"
#include "offers.h"
#include "plugin/plugin_file.h"
#include "plugin/plugin_reference.h"
#include "pressroom/error.h"
#include "print_installation.h"
#include "repository/signer.h"
#include "store/bundle_store.h"

namespace pressroom {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

std::string title(const InstalledPlugin& plugin) {
  return plugin.name + " " + plugin.version.text();
}

// What is wrong with the shared object itself: one that was built here is none of the bundle's.
void check_file(const InstalledPlugin& plugin, const fs::path& file,
                std::vector<Problem>& problems) {
  std::error_code ignored;
  const std::string got =
      fs::is_regular_file(file, ignored) ? PluginFile(file).sha256() : "no such file";
  if (got == plugin.file_sha256) return;
  problems.push_back(
      {quoted_label(plugin.kind, plugin.name) + " is not the file that was installed",
       file.string(), "SHA-256 " + plugin.file_sha256, got,
       "install it again: pressroom plugin install " + plugin.name + "@" + plugin.version.text()});
}

// Its files held to their hashes, and, where `limits` are given, asked for its golden answers.
std::vector<Problem> problems_of(const InstalledPlugin& plugin, const fs::path& home,
                                 const std::optional<CommandLimits>& limits) {
  const BundleStore store(home);
  std::vector<Problem> problems = store.verify(plugin.bundle_sha256);
  const fs::path file = home / plugin.file;
  try {
    if (problems.empty()) check_file(plugin, file, problems);
    if (!limits || !problems.empty()) return problems;
    const fs::path folder = store.folder_of(plugin.bundle_sha256);
    require_golden(text_of_file(folder / kGoldenPath), file, folder / "src", *limits,
                   title(plugin));
  } catch (const Error& error) {  // the others are looked at all the same
    problems.insert(problems.end(), error.problems().begin(), error.problems().end());
  }
  return problems;
}

int verify_installed(const std::string& reference, const std::optional<CommandLimits>& limits) {
  const PluginReference wanted = parse_plugin_reference(reference);
  int count = 0;
  bool is_well = true;
  for (const fs::path& home : plugin_homes()) {
    for (const InstalledPlugin& plugin : read_profile(home, variant_name()).plugins) {
      if (!wanted.name.empty() && plugin.name != wanted.name) continue;
      if (!wanted.version.empty() && !version_begins_with(plugin.version.text(), wanted.version)) {
        continue;
      }
      ++count;
      const std::vector<Problem> problems = problems_of(plugin, home, limits);
      std::cout << title(plugin) << ": " << (problems.empty() ? "as it was installed" : "DIFFERS")
                << "\n";
      for (const Problem& problem : problems) std::cout << printable(problem.text()) << "\n";
      is_well = is_well && problems.empty();
    }
  }
  if (count == 0) {
    throw Error({"no such plugin is installed", "", "one of pressroom plugin list",
                 reference.empty() ? "none" : reference, "pressroom plugin install gets it"});
  }
  return is_well ? kDone : kCellsFailed;
}

int verify_file(const std::string& file, const std::vector<PublicKey>& keys) {
  const BundleMembers members = read_bundle(file);
  const BundleManifest manifest = verify_contents(members, file);
  // Who gives no key asks for the hashes alone.
  const std::string signer =
      keys.empty() ? "no key was given to vouch for it"
                   : "signed by key " + key_id_text(bundle_signer(members, keys, file).id);
  std::cout << file << ": " << quoted_label(manifest.kind, manifest.name) << " "
            << manifest.version.text() << ", " << manifest.files.size()
            << " files as its manifest has them, " << signer << "\n";
  return kDone;
}

}  // namespace

int command_plugin_list(const Words& words) {
  parse_words(words, "plugin list", po::options_description("options"), {});
  bool is_empty = true;
  for (const fs::path& home : plugin_homes()) {
    const Profile profile = read_profile(home, variant_name());
    if (profile.plugins.empty()) continue;
    is_empty = false;
    std::cout << home.string() << ", generation " << profile.generation << "\n";
    for (const InstalledPlugin& plugin : profile.plugins) {
      std::cout << "  " << title(plugin) << " (" << to_string(plugin.kind) << "), from "
                << printable(provenance_words(plugin)) << "; golden " << plugin.golden
                << (plugin.built_here ? "; built here" : "") << "\n";
    }
  }
  if (is_empty) {
    std::cout << "nothing is installed for " << variant_name()
              << ": pressroom plugin search says what there is\n";
  }
  return kDone;
}

int command_plugin_remove(const Words& words) {
  po::options_description options("options");
  add_home_option(options);
  const po::variables_map values =
      parse_words(words, "plugin remove NAME[@VERSION] [OPTIONS]", options, {"plugin"});
  const std::string reference = values["plugin"].as<std::string>();
  const PluginReference wanted = parse_plugin_reference(reference);
  const std::optional<Version> version = parse_version(wanted.version);
  if (!wanted.version.empty() && !version) {
    throw Error({"one version is removed at a time", "", "NAME, or NAME@MAJOR.MINOR.PATCH",
                 reference, "pressroom plugin list says which there are"});
  }
  const fs::path home = home_from(values);
  const ProfileLock lock(home);
  Profile profile = read_profile(home, variant_name());
  const std::size_t count = profile.remove(wanted.name, version);
  if (count == 0) {
    throw Error({"no such plugin is installed", home.string(), "one of pressroom plugin list",
                 reference, "check the name, and --all-users"});
  }
  profile.made_by = "remove " + reference;
  switch_profile(home, variant_name(), std::move(profile), lock);
  std::cout << reference << ": removed; pressroom plugin rollback brings it back\n";
  return kDone;
}

int command_plugin_rollback(const Words& words) {
  po::options_description options("options");
  add_home_option(options);
  const po::variables_map values = parse_words(words, "plugin rollback [OPTIONS]", options, {});
  const fs::path home = home_from(values);
  const ProfileLock lock(home);
  const Profile now = roll_back(home, variant_name(), lock);
  std::cout << "back to generation " << now.generation
            << (now.made_by.empty() ? "" : " (" + now.made_by + ")") << ":\n";
  for (const InstalledPlugin& plugin : now.plugins) std::cout << "  " << title(plugin) << "\n";
  if (now.plugins.empty()) std::cout << "  nothing is installed\n";
  return kDone;
}

int command_plugin_verify(const Words& words) {
  po::options_description options("options");
  options.add_options()("golden", "ask for the golden answers again, too");
  add_golden_limits(options);
  options.add_options()("key", po::value<Words>()->composing()->value_name("KEY"),
                        "for a file: a public key that has to have signed it");
  const po::variables_map values =
      parse_words(words, "plugin verify [NAME[@VERSION]|BUNDLE] [OPTIONS]", options, {"plugin?"});
  const std::string word = values.count("plugin") > 0 ? values["plugin"].as<std::string>() : "";
  watch_signals();
  const bool is_file = names_a_bundle_file(word);
  const char* const other_option = is_file ? "golden" : "key";
  if (values.count(other_option) > 0) {
    throw Error({std::string("--") + other_option + " says nothing here", "",
                 is_file ? "a plugin that is installed, which can be asked" : "a bundle's file",
                 word.empty() ? "everything that is installed" : word, "leave it out"});
  }
  if (is_file) return verify_file(word, public_keys_from(values, "key"));
  std::optional<CommandLimits> limits;
  if (values.count("golden") > 0) limits = golden_limits(values);
  return verify_installed(word, limits);
}

}  // namespace pressroom
