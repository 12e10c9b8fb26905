// Bundles to install, as users name them: in a file, or in a known repository.
//
//   Repositories repositories(home, stop_was_requested);
//   const BundleOffer offer = repositories.offer("my_press@1.2");
#pragma once

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

// The repositories that are known in one home, each opened when it is first asked.
class Repositories {
 public:
  Repositories(std::filesystem::path home, std::function<bool()> stop_requested);

  const std::vector<KnownRepository>& known() const { return known_; }

  // By its name or location. Throws Error where it is not known, or what it says cannot be trusted.
  Repository& open(const std::string& name_or_location);

  // Every version of the plugin that `reference` (NAME or NAME@VERSION) means, in repositories by
  // name and in each newest first. Throws Error for a repository that cannot be trusted or reached.
  std::vector<FoundBundle> find_all(const std::string& reference);

  // The newest of them. Throws Error where there is none, and where several repositories have a
  // plugin of that name: which is meant is then to be said by `only_in` ("" for any).
  FoundBundle find(const std::string& reference, const std::string& only_in);

  // The bundle, fetched. Whose key vouches is the repository's to say.
  BundleOffer offer(const FoundBundle& found, bool allow_unsigned) const;

 private:
  std::filesystem::path home_;
  std::function<bool()> stop_requested_;
  std::vector<KnownRepository> known_;
  std::map<std::string, Repository> opened_;  // by name
};

// A bundle in a file; `keys` are those that were given to vouch for it.
BundleOffer offer_of_file(const std::filesystem::path& file, const std::vector<PublicKey>& keys,
                          bool allow_unsigned);

// Whether `word` names a file and not a plugin.
bool names_a_bundle_file(const std::string& word);

// A key given as its line, or as a file. Throws Error where it is neither.
PublicKey public_key_from(const std::string& word);

}  // namespace pressroom
