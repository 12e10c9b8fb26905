// A known repository, its index verified: what may be installed from it, and who vouches for that.
//
//   const auto known = known_repositories(home);
//   Repository lab = Repository::open(home, find_repository(known, "lab"), utc_now(), stop);
//   const IndexedBundle& found = lab.find("my_press");
//   const std::string bytes = lab.fetch(found);                // size and hash are the index's
//   const BundleMembers members = parse_bundle(bytes, found.file);
//   verify_contents(members, found.file);
//   lab.check_key(bundle_signer(members, lab.known().keys, found.file));
//
// Nothing of a repository is believed before a pinned key has signed it; what is believed then, can
// still only take trust away (indexed_key.h).
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/utc_time.h"
#include "pressroom/error.h"
#include "repository/known_repositories.h"
#include "repository/repository_index.h"
#include "repository/repository_source.h"

namespace pressroom {

// Who has signed an index, by its own word: to be shown and compared before a key is pinned. It
// proves that who signed has that key, and nothing else.
struct RepositoryPreview {
  PublicKey signer;
  std::string owner;             // as the index names them
  std::vector<IndexedKey> keys;  // all of the index
  std::int64_t serial = 0;
  UtcTime expires;
};

// What is wrong with a repository, and what is only of no use there.
struct RepositoryCheck {
  std::vector<Problem> problems;  // empty where all is well
  std::vector<std::string>
      harmless;  // one line each: "FILE: what a publisher left that was killed"
};

class Repository {
 public:
  // Reads and verifies the index, and notes its serial number and the keys that it withdraws in
  // `home`. Throws Error, in words of their own each, for
  //
  // - a folder or server that is not there, no index, one that is not signed;
  // - a signature by a key that was not pinned, or of another text; a key that was revoked or has
  //   expired, by this index or by one seen before;
  // - an index that is damaged, older than one seen before, or expired at `now`.
  static Repository open(const std::filesystem::path& home, const KnownRepository& known,
                         UtcTime now, const std::function<bool()>& stop_requested);

  // Throws Error where there is no index, or where none of the keys in it has signed it.
  static RepositoryPreview preview(const std::string& location,
                                   const std::function<bool()>& stop_requested);

  const RepositoryIndex& index() const { return index_; }
  const KnownRepository& known() const { return known_; }

  // The newest of a name, or a version of it. Throws Error, with a suggestion, where there is none.
  const IndexedBundle& find(const std::string& name,
                            const std::optional<Version>& version = std::nullopt) const;

  // The bytes of the bundle's file. Throws Error where it is missing, or of another size or hash
  // than the index says.
  std::string fetch(const IndexedBundle& bundle) const;

  // Throws Error, in words of their own each, unless `key` may vouch for bundles of this
  // repository now: it was pinned, not revoked, and has not expired.
  void check_key(const PublicKey& key) const;

  // Fetches each bundle, holds it to its entry and its manifest, and checks its signature; where
  // the repository is a folder, looks for what killed publishers left. `on_bundle` is called before
  // each.
  RepositoryCheck check(const std::function<void(const IndexedBundle&)>& on_bundle = {}) const;

 private:
  Repository(std::unique_ptr<RepositorySource> source, KnownRepository known, UtcTime now)
      : source_(std::move(source)), known_(std::move(known)), now_(now) {}

  void check_bundle(const IndexedBundle& bundle) const;

  std::unique_ptr<RepositorySource> source_;
  KnownRepository known_;
  UtcTime now_;
  std::string index_text_;  // as it was signed
  RepositoryIndex index_;
};

}  // namespace pressroom
