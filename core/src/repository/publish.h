// Adds bundles to a repository that is a folder; by several people at once, from several machines.
//
//   PublishRequest request{"/srv/presses", {"my_press-1.2.0.press.tar.zst"}, key, utc_now()};
//   request.known = find_repository(known, "lab");     // whose index may be built on
//   publish(request).serial;
//
// Who publishes holds a lock on the folder, writes bundles and the new index's signature, and then
// the index, by one rename: who reads sees the old index or the new one, and so does who comes
// after a publisher that was killed. The serial number grows by one each time.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/utc_time.h"
#include "repository/indexed_key.h"
#include "repository/known_repositories.h"
#include "signing/secret_key.h"

namespace pressroom {

struct PublishRequest {
  std::filesystem::path repository;            // one that is empty becomes a repository
  std::vector<std::filesystem::path> bundles;  // none: the index is renewed
  const SecretKey& key;                        // signs the index
  UtcTime now;
  std::chrono::hours valid_for{365 * 24};
  // Keys to add to the index, or to say something else of. The key that signs has to be among them,
  // or in the index; that of a new repository is put there.
  std::vector<IndexedKey> keys = {};
  // The repository as the publisher has added it: an index that neither its keys nor `key` signed
  // is not signed again, and neither is one that is older than one seen before.
  std::optional<KnownRepository> known = std::nullopt;
  std::function<bool()> stop_requested = nullptr;  // asked while others are waited for
  std::chrono::seconds patience{60};               // how long they are
};

struct PublishResult {
  std::int64_t serial = 0;  // of the index that is there now
  UtcTime expires;
  std::vector<std::string> added;  // "bundles/my_press-1.2.0.press.tar.zst"
  bool is_new = false;             // false: all was there already, and the index is the old one
};

// Throws Error, and leaves the index as it was, for
//
// - a bundle that is not whole (verify_contents), not signed, or signed by a key that is neither
//   `key` nor one of the index that still holds; a version that is there with other bytes: it is
//   never replaced;
// - a key that may not sign: not in the index, revoked, expired; and for taking a revocation back;
// - a folder that is missing, holds other things, cannot be written or locked; an index that is
//   damaged, not signed by whom it should be, older than one seen before, or gone.
PublishResult publish(const PublishRequest& request);

}  // namespace pressroom
