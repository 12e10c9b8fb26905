#include <spdlog/spdlog.h>
#include <unistd.h>

#include <iostream>

#include "base/strings.h"
#include "base/utc_time.h"
#include "base/utf8.h"
#include "command.h"
#include "engine/run.h"
#include "installed_plugins.h"
#include "offers.h"
#include "pressroom/error.h"
#include "repository/known_repositories.h"
#include "repository/repository.h"
#include "subcommands.h"

namespace pressroom {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

// What the repository shows of itself proves nothing; whether its key is the right one is for the
// user to say, who has heard of it in another way.
PublicKey ask_for_key(const std::string& name, const std::string& location) {
  const RepositoryPreview shown = Repository::preview(location, stop_was_requested);
  const std::string line = shown.signer.line();
  std::cerr << location << " is signed by key " << key_id_text(shown.signer.id)
            << (shown.owner.empty() ? "" : ", it says of " + printable(shown.owner)) << ":\n  "
            << line << "\n";
  if (is_terminal(STDIN_FILENO) && is_terminal(STDERR_FILENO)) {
    std::cerr << "Is this the key that you were told? [y/N] " << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    if (stop_was_requested()) throw Interrupted();
    if (answer == "y" || answer == "Y" || answer == "yes") return shown.signer;
  }
  throw Error(
      {"nobody has said that the key is right", location, "--key with the key that you were told",
       line, "if it is the same: pressroom repo add " + name + " " + location + " --key " + line});
}

int repo_add(const Words& words) {
  po::options_description options("options");
  options.add_options()("key", po::value<Words>()->composing()->value_name("KEY"),
                        "a public key to pin, its line or its file; may be given several times");
  add_home_option(options);
  const po::variables_map values = parse_words(words, "repo add NAME FOLDER_OR_ADDRESS [--key KEY]",
                                               options, {"name", "location"});
  KnownRepository repository;
  repository.name = values["name"].as<std::string>();
  repository.location = normal_location(values["location"].as<std::string>());
  watch_signals();
  repository.keys = public_keys_from(values, "key");
  if (repository.keys.empty()) {
    repository.keys.push_back(ask_for_key(repository.name, repository.location));
  }
  const fs::path home = home_from(values);
  add_repository(home, repository);
  try {
    Repository::preview(repository.location, stop_was_requested);
  } catch (const Error& error) {  // a server may be down for today
    spdlog::warn("{} is known now, but cannot be read: {}", repository.name, error.what());
  }
  for (const PublicKey& key : repository.keys) {
    std::cout << repository.name << ": key " << key_id_text(key.id) << " is pinned: " << key.line()
              << "\n";
  }
  return kDone;
}

int repo_list(const Words& words) {
  po::options_description options("options");
  add_home_option(options);
  const po::variables_map values = parse_words(words, "repo list [OPTIONS]", options, {});
  const std::vector<KnownRepository> all = known_repositories(home_from(values));
  if (all.empty()) std::cout << "none: pressroom repo add NAME FOLDER_OR_ADDRESS --key KEY\n";
  for (const KnownRepository& known : all) {
    std::cout << known.name << "  " << printable(known.location) << "\n";
    for (const PublicKey& key : known.keys) std::cout << "  key " << key.line() << "\n";
    std::cout << "  newest index seen: "
              << (known.serial == 0 ? "none" : std::to_string(known.serial)) << "\n";
  }
  return kDone;
}

int repo_remove(const Words& words) {
  po::options_description options("options");
  add_home_option(options);
  const po::variables_map values =
      parse_words(words, "repo remove NAME [OPTIONS]", options, {"name"});
  const std::string name = values["name"].as<std::string>();
  if (!remove_repository(home_from(values), name)) {
    throw Error({"no such repository is known", "", "one of pressroom repo list", name,
                 "check the name, and --all-users"});
  }
  std::cout << name << ": forgotten, with its keys; what was installed from it stays\n";
  return kDone;
}

int repo_check(const Words& words) {
  po::options_description options("options");
  add_home_option(options);
  const po::variables_map values =
      parse_words(words, "repo check NAME [OPTIONS]", options, {"name"});
  watch_signals();
  Repositories repositories(home_from(values), stop_was_requested);
  Repository& repository = repositories.open(values["name"].as<std::string>());
  const RepositoryCheck found = repository.check();
  for (const Problem& problem : found.problems) std::cout << printable(problem.text()) << "\n";
  for (const std::string& line : found.harmless) std::cout << printable(line) << "\n";
  std::cout << repository.known().location << ": serial " << repository.index().serial << ", until "
            << repository.index().expires.text() << "; "
            << counted(static_cast<std::int64_t>(repository.index().bundles.size()), "bundle",
                       "bundles")
            << ", "
            << counted(static_cast<std::int64_t>(found.problems.size()), "problem", "problems")
            << "\n";
  return found.problems.empty() ? kDone : kCellsFailed;
}

}  // namespace

int command_repo(const Words& words) {
  static const std::vector<CommandEntry> kCommands = {
      {"add", "know a repository from now on, and pin its keys", repo_add},
      {"list", "the known ones, and their keys", repo_list},
      {"remove", "forget one", repo_remove},
      {"check", "hold all that one offers to its hashes and signatures", repo_check},
  };
  return run_subcommand(kCommands, words, "pressroom repo");
}

}  // namespace pressroom
