#include "repository/repository.h"

#include <algorithm>
#include <set>

#include "base/sha256.h"
#include "base/strings.h"
#include "repository/signed_index.h"

namespace pressroom {
namespace {

SignedIndex wanted_index(RepositorySource& source) {
  std::optional<SignedIndex> read = read_signed_index(source);
  if (read) return std::move(*read);
  throw Error({"there is no repository", source.where(kIndexPath), "an index", "no such file",
               "check the repository's location; an empty folder becomes a repository when "
               "something is published to it (pressroom plugin publish)"});
}

void refuse_expired(const RepositoryIndex& index, UtcTime now, const std::string& where) {
  if (index.expires > now) return;
  throw Error({"the repository's index has expired", where, "one that holds at " + now.text(),
               "one that held until " + index.expires.text(),
               "ask the repository's maintainer to renew it (pressroom plugin publish), and check "
               "this machine's clock"});
}

}  // namespace

Repository Repository::open(const std::filesystem::path& home, const KnownRepository& known,
                            UtcTime now, const std::function<bool()>& stop_requested) {
  Repository repository(open_source(known.location, stop_requested), known, now);
  const RepositorySource& source = *repository.source_;
  // Nothing is parsed that a pinned key has not signed.
  const SignedIndex read = wanted_index(*repository.source_);
  const PublicKey signer = index_signer(read, known.keys, source);
  const std::string where = source.where(kIndexPath);
  // What earlier indexes said comes first: whoever has a revoked key says nothing of that.
  if (const auto problem = why_withdrawn(known.withdrawn, signer, now, where)) {
    throw Error(*problem);
  }
  repository.index_ = parse_repository_index(read.text, where);
  repository.index_text_ = read.text;
  const RepositoryIndex& index = repository.index_;
  refuse_older(index, known.serial, where);
  refuse_expired(index, now, where);
  if (const auto problem = why_withdrawn(index.keys, signer, now, where)) {
    // A key that gives itself up is believed in that, and in nothing else it says.
    const IndexedKey* const own = find_key(index.keys, signer);
    if (own->revoked) note_serial(home, known.name, known.serial, {*own});
    throw Error(*problem);
  }
  learn(repository.known_, index.serial, index.keys);
  note_serial(home, known.name, index.serial, index.keys);
  return repository;
}

RepositoryPreview Repository::preview(const std::string& location,
                                      const std::function<bool()>& stop_requested) {
  const std::unique_ptr<RepositorySource> source = open_source(location, stop_requested);
  const SignedIndex read = wanted_index(*source);
  RepositoryIndex index = parse_repository_index(read.text, source->where(kIndexPath));
  std::vector<PublicKey> keys;
  keys.reserve(index.keys.size());
  for (const IndexedKey& key : index.keys) keys.push_back(key.key);
  RepositoryPreview preview;
  preview.signer = index_signer(read, keys, *source);
  preview.owner = find_key(index.keys, preview.signer)->owner;
  preview.keys = std::move(index.keys);
  preview.serial = index.serial;
  preview.expires = index.expires;
  return preview;
}

const IndexedBundle& Repository::find(const std::string& name,
                                      const std::optional<Version>& version) const {
  if (const IndexedBundle* const found = index_.find(name, version)) return *found;
  const std::string where = "repository " + known_.name;
  const std::vector<const IndexedBundle*> versions = index_.versions_of(name);
  if (!versions.empty()) {
    constexpr std::size_t kMostShown = 10;
    std::vector<std::string> texts;
    texts.reserve(versions.size());
    for (const IndexedBundle* bundle : versions) texts.push_back(bundle->version.text());
    if (texts.size() > kMostShown) {
      texts.resize(kMostShown);
      texts.emplace_back("...");
    }
    throw Error({"the repository does not have this version of " + name, where, joined(texts),
                 version->text(), "ask for one of these, or for its newest: " + name});
  }
  std::set<std::string> names;
  for (const IndexedBundle& bundle : index_.bundles) names.insert(bundle.name);
  const std::string meant = closest_match(name, {names.begin(), names.end()});
  throw Error({"the repository does not have this plugin", where, "the name of one that it has",
               name,
               meant.empty() ? "look for it (pressroom plugin search)"
                             : "did you mean \"" + meant + "\"?"});
}

std::string Repository::fetch(const IndexedBundle& bundle) const {
  const std::string where = source_->where(bundle.file);
  const std::string fix = "ask the repository's maintainer to publish it again";
  // A file that is too large is of another size as well, and is not read for long.
  std::optional<std::string> bytes = source_->read(bundle.file, bundle.bytes);
  if (!bytes) {
    throw Error({"a bundle is missing from the repository", where, "a file", "no such file", fix});
  }
  if (bytes->size() != bundle.bytes) {
    throw Error({"a bundle is of another size than the index says", where,
                 std::to_string(bundle.bytes) + " bytes", std::to_string(bytes->size()), fix});
  }
  const std::string hash = sha256_hex(*bytes);
  if (hash != bundle.sha256) {
    throw Error({"a bundle is not the one of the index", where, "SHA-256 " + bundle.sha256, hash,
                 "do not use it: it was changed; ask the repository's maintainer"});
  }
  return std::move(*bytes);
}

void Repository::check_key(const PublicKey& key) const {
  const std::string where = "repository " + known_.name;
  if (std::find(known_.keys.begin(), known_.keys.end(), key) == known_.keys.end()) {
    throw Error({"the key was not pinned for this repository", where, "one of its keys",
                 key_words(key) + " (" + key.line() + ')',
                 "ask the repository's maintainer whose key that is, and pin it if it is theirs "
                 "(pressroom repo add)"});
  }
  // It has learned what the index says.
  if (const auto problem = why_withdrawn(known_.withdrawn, key, now_, where)) {
    throw Error(*problem);
  }
}

}  // namespace pressroom
