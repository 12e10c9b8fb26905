#include "repository/publish.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/sha256.h"
#include "pressroom/error.h"
#include "repository/folder_lock.h"
#include "repository/folder_source.h"
#include "repository/judged_bundle.h"
#include "repository/leftovers.h"
#include "repository/publish_folder.h"
#include "repository/repository_index.h"
#include "repository/signed_index.h"
#include "signing/signature.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

// One call of publish(), while it holds the lock.
class Publisher {
 public:
  Publisher(const PublishRequest& request, const PublishFolder& folder)
      : request_(request),
        folder_(folder),
        source_(open_folder_source(folder.path().string())),
        where_(source_->where(kIndexPath)) {}

  PublishResult run() {
    read_index();
    const bool keys_changed = change_keys();
    check_signer();
    folder_.prepare();
    PublishResult result;
    for (const fs::path& file : request_.bundles) add(file, result.added);
    const bool is_renewed = request_.bundles.empty() || index_.expires <= request_.now;
    result.is_new = keys_changed || is_renewed || !result.added.empty();
    if (result.is_new) write_index();
    result.serial = index_.serial;
    result.expires = index_.expires;
    return result;
  }

 private:
  void read_index() {
    const std::int64_t serial_seen = request_.known ? request_.known->serial : 0;
    const std::optional<SignedIndex> read = read_signed_index(*source_);
    if (!read) {
      if (serial_seen > 0) {
        throw Error({"the repository's index is gone", where_,
                     "the one with serial number " + std::to_string(serial_seen) + ", or a newer",
                     "no such file", "put it and its signature back from a backup"});
      }
      index_.serial = 0;
      return;
    }
    // Somebody else's changes would get this key's signature with it.
    std::vector<PublicKey> trusted = {request_.key.public_key()};
    if (request_.known) {
      trusted.insert(trusted.end(), request_.known->keys.begin(), request_.known->keys.end());
    }
    const PublicKey signer = index_signer(*read, trusted, *source_);
    index_ = parse_repository_index(read->text, where_);
    refuse_older(index_, serial_seen, where_);
    refuse_revoked_before(signer);
  }

  bool change_keys() {
    bool changed = false;
    std::vector<IndexedKey> wanted = request_.keys;
    const PublicKey& own = request_.key.public_key();
    if (index_.serial == 0 && find_key(wanted, own) == nullptr)
      wanted.push_back({own, "", {}, false});
    for (IndexedKey key : wanted) {
      const auto old =
          std::find_if(index_.keys.begin(), index_.keys.end(),
                       [&](const IndexedKey& indexed) { return indexed.key == key.key; });
      if (old == index_.keys.end()) {
        index_.keys.push_back(key);
        changed = true;
        continue;
      }
      if (old->revoked && !key.revoked) {
        throw Error({"a revoked key stays revoked", where_, "another key",
                     key_words(key.key, old->owner),
                     "make a new key (pressroom plugin sign --new-key FILE)"});
      }
      if (key.owner.empty()) key.owner = old->owner;
      changed = changed || key.owner != old->owner || key.expires != old->expires ||
                key.revoked != old->revoked;
      *old = key;
    }
    return changed;
  }

  // An index signed by any other key would be refused by everybody who reads it.
  void check_signer() const {
    const PublicKey& own = request_.key.public_key();
    if (find_key(index_.keys, own) == nullptr) {
      throw Error({"the key is not one of the repository", where_, "a key that its index names",
                   key_words(own),
                   "have its maintainer add the key, and everybody pin it (pressroom "
                   "repo add); then publish"});
    }
    if (const auto problem = why_withdrawn(index_.keys, own, request_.now, where_)) {
      throw Error(*problem);
    }
    refuse_revoked_before(own);
  }

  // By an index that the publisher has seen, whatever this one says. That a key has expired is not
  // looked at: the maintainer of an expired index renews it this way.
  void refuse_revoked_before(const PublicKey& key) const {
    if (!request_.known) return;
    const IndexedKey* const withdrawn = find_key(request_.known->withdrawn, key);
    if (withdrawn == nullptr || !withdrawn->revoked) return;
    throw Error(*why_withdrawn(request_.known->withdrawn, key, request_.now, where_));
  }

  void add(const fs::path& file, std::vector<std::string>& added) {
    JudgedBundle bundle = judged_bundle(file, index_.keys, request_.now);
    const IndexedBundle* const there = index_.find(bundle.entry.name, bundle.entry.version);
    if (there != nullptr && there->sha256 != bundle.entry.sha256) {
      throw Error({"this version is there with other bytes, and is never replaced", where_,
                   "SHA-256 " + there->sha256, bundle.entry.sha256 + " of " + file.string(),
                   "raise the version of " + bundle.entry.name + ", and make the bundle again"});
    }
    // Of one that the index names already the file may have been lost.
    if (there == nullptr || !folder_.has(bundle.entry.file, bundle.entry.bytes)) {
      folder_.put(bundle.entry.file, bundle.bytes);
    }
    if (there != nullptr) return;
    added.push_back(bundle.entry.file);
    index_.bundles.push_back(std::move(bundle.entry));
  }

  void write_index() {
    if (index_.serial >= kHighestSerial) {
      throw Error({"the repository's serial number cannot grow", where_,
                   "at most " + std::to_string(kHighestSerial), std::to_string(index_.serial),
                   "begin a new repository"});
    }
    ++index_.serial;
    index_.expires = request_.now.after(request_.valid_for);
    const std::string text = repository_index_text(index_, where_);
    const std::string signature = sign(text, request_.key, index_comment(index_));
    folder_.put(index_signature_path(text), signature);
    folder_.put(kIndexPath, text);
    remove_old_files(folder_.path(), index_, text, request_.now);
  }

  const PublishRequest& request_;
  const PublishFolder& folder_;
  std::unique_ptr<RepositorySource> source_;
  std::string where_;
  RepositoryIndex index_;
};

}  // namespace

PublishResult publish(const PublishRequest& request) {
  if (request.valid_for <= std::chrono::hours(0)) {
    throw Error({"the index would have expired at once", "the publication", "an hour or more",
                 std::to_string(request.valid_for.count()) + " hours", "let it hold for longer"});
  }
  const PublishFolder folder(request.repository);
  // Before a lock is left in a folder that is something else.
  if (!fs::exists(folder.path() / kIndexPath)) folder.check_empty();
  const FolderLock lock(
      {folder.path() / ".lock", folder.file_mode(), "the repository", request.patience},
      request.stop_requested);
  return Publisher(request, folder).run();
}

}  // namespace pressroom
