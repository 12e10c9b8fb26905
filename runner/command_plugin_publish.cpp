#include <iostream>

#include "base/utc_time.h"
#include "command.h"
#include "installed_plugins.h"
#include "offers.h"
#include "pressroom/error.h"
#include "repository/publish.h"
#include "repository/repository_source.h"
#include "signing_key.h"
#include "store/plugin_home.h"

namespace pressroom {

namespace po = boost::program_options;
namespace fs = std::filesystem;

namespace {

// The repository that `word` names, as this user has added it; by its path alone where they have
// not: `location` is all that is known then.
KnownRepository repository_named(const std::string& word) {
  std::error_code ignored;
  // A build server has no home, and needs none to publish into a folder.
  const std::vector<fs::path> homes = plugin_homes();
  std::vector<KnownRepository> known;
  if (!homes.empty()) known = known_repositories(homes.front());
  const bool is_folder = word.find('/') != std::string::npos || fs::is_directory(word, ignored);
  const std::string location = is_folder ? normal_location(word) : "";
  for (const KnownRepository& one : known) {
    if (one.location == location) return one;
  }
  KnownRepository named;
  named.location = location;
  if (!is_folder) named = find_repository(known, word);
  if (!is_web_location(named.location)) return named;
  throw Error({"a repository is published to as a folder", named.location, "a folder", "an address",
               "publish to the folder that the server serves"});
}

std::vector<IndexedKey> keys_to_tell_of(const po::variables_map& values) {
  std::vector<IndexedKey> keys;
  for (const char* const option : {"add-key", "revoke"}) {
    for (const PublicKey& given : public_keys_from(values, option)) {
      IndexedKey key;
      key.key = given;
      key.revoked = std::string(option) == "revoke";
      keys.push_back(key);
    }
  }
  return keys;
}

}  // namespace

int command_plugin_publish(const Words& words) {
  po::options_description options("options");
  add_key_options(options);
  options.add_options()("expires-in-days",
                        po::value<std::int64_t>()->default_value(365)->value_name("N"),
                        "how long readers may take the index for the newest");
  options.add_options()("add-key", po::value<Words>()->composing()->value_name("KEY"),
                        "a public key of another author, who may publish here from now on");
  options.add_options()("revoke", po::value<Words>()->composing()->value_name("KEY"),
                        "a public key that no longer vouches for anything here");
  const po::variables_map values =
      parse_words(words, "plugin publish REPOSITORY [BUNDLE...] --key FILE", options,
                  {"repository", "bundles...?"});
  watch_signals();
  const SecretKey key = signing_key(values);
  const KnownRepository repository = repository_named(values["repository"].as<std::string>());
  PublishRequest request{repository.location, {}, key, utc_now()};
  if (!repository.name.empty()) request.known = repository;
  if (values.count("bundles") > 0) {
    for (const std::string& file : values["bundles"].as<Words>())
      request.bundles.emplace_back(file);
  }
  request.valid_for = std::chrono::hours(24) * whole_number(values, "expires-in-days", 1, 36500);
  request.keys = keys_to_tell_of(values);
  request.stop_requested = stop_was_requested;
  const PublishResult result = publish(request);
  for (const PublicKey& added : public_keys_from(values, "add-key")) {
    std::cout << key_id_text(added.id) << ": may publish here; before it does, everybody who uses "
              << "this repository pins it: pressroom repo add NAME " << request.repository.string()
              << " --key " << added.line() << "\n";
  }
  if (!result.is_new) std::cout << "nothing new: all of it is published already\n";
  for (const std::string& file : result.added) std::cout << file << ": published\n";
  std::cout << request.repository.string() << ": serial " << result.serial << ", until "
            << result.expires.text() << "\n";
  return kDone;
}

}  // namespace pressroom
