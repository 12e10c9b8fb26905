// Bundles to install, as users name them: in a file, or in a known repository.
//
//   Repositories repositories(home, stop_was_requested);
//   const BundleOffer offer = repositories.offer(repositories.find("my_press@1.2", ""), false);
#pragma once

#include <boost/program_options.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "install/install.h"
#include "repository/known_repositories.h"
#include "repository/repository.h"

namespace pressroom {

// A bundle of a repository.
struct FoundBundle {
  Repository* repository = nullptr;
  IndexedBundle bundle;
};

// The repositories that are known in a home, and those of all users, each opened when it is first
// asked. Of two of one name that of `home` counts.
class Repositories {
 public:
  Repositories(const std::filesystem::path& home, std::function<bool()> stop_requested);

  const std::vector<KnownRepository>& known() const { return known_; }

  // By its name or location. Throws Error where it is not known, or what it says cannot be trusted.
  Repository& open(const std::string& name_or_location);

  // Every version of the plugin that `reference` (NAME or NAME@VERSION) means, in repositories by
  // name and in each newest first; of one repository alone where `only_in` names one. Throws Error
  // for a repository that cannot be trusted or reached, of those that are looked into.
  std::vector<FoundBundle> find_all(const std::string& reference, const std::string& only_in = "");

  // The newest of them. Throws Error where there is none, and where several repositories have a
  // plugin of that name: which is meant is then to be said by `only_in`.
  FoundBundle find(const std::string& reference, const std::string& only_in);

  // The bundle, fetched. Whose key vouches is the repository's to say.
  BundleOffer offer(const FoundBundle& found, bool allow_unsigned) const;

 private:
  std::function<bool()> stop_requested_;
  std::vector<KnownRepository> known_;
  std::map<std::string, std::filesystem::path> home_of_;  // by name
  std::map<std::string, Repository> opened_;              // by name
};

// A bundle in a file; `keys` are those that were given to vouch for it. Throws Error for what is no
// file, and for one that is larger than a bundle may be.
BundleOffer offer_of_file(const std::filesystem::path& file, const std::vector<PublicKey>& keys,
                          bool allow_unsigned);

// Whether `word` names a file and not a plugin.
bool names_a_bundle_file(const std::string& word);

// The keys given to `option` ("key"), each as its line or as a file. Throws Error for what is
// neither.
std::vector<PublicKey> public_keys_from(const boost::program_options::variables_map& values,
                                        const std::string& option);

}  // namespace pressroom
