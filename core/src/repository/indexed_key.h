// What a repository says of a key: whose it is, how long it holds, whether it was withdrawn. It can
// take trust away and never give it: who trusts a key has pinned it (known_repositories.h).
//
//   {"key": "RW...", "owner": "A. Author", "expires": "2028-01-01T00:00:00Z"}
//   {"key": "RW...", "owner": "B. Author", "revoked": true}
//
//   if (const auto problem = why_withdrawn(keys, key, now, where)) throw Error(*problem);
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/strict_json.h"
#include "base/utc_time.h"
#include "pressroom/error.h"
#include "signing/public_key.h"

namespace pressroom {

struct IndexedKey {
  PublicKey key;
  std::string owner;               // one line that a terminal can show; "" where nobody said
  std::optional<UtcTime> expires;  // the first moment at which it no longer holds
  bool revoked = false;            // in the text only where it is true
};

inline constexpr std::size_t kMostIndexedKeys = 1000;

// Throws Error, about `where`, for more keys than that, one that is there twice and an owner that
// cannot be shown.
void check_indexed_keys(const std::vector<IndexedKey>& keys, const std::string& where);

nlohmann::ordered_json indexed_keys_json(const std::vector<IndexedKey>& keys);

// The inverse of the list at `name` in `object`. Throws Error for what is missing, of another type
// or unknown; what it returns is still to be checked.
std::vector<IndexedKey> indexed_keys_of(const StrictObject& object, const std::string& name);

// What `keys` say of `key`; nullptr where they do not have it.
const IndexedKey* find_key(const std::vector<IndexedKey>& keys, const PublicKey& key);

// Why, by what `keys` say, `key` vouches for nothing at `now`: it was revoked, or has expired.
// Nothing where it may, and where they do not have it.
std::optional<Problem> why_withdrawn(const std::vector<IndexedKey>& keys, const PublicKey& key,
                                     UtcTime now, const std::string& where);

// A key in a message: "key DE89AF18C6124BD7 of A. Author".
std::string key_words(const PublicKey& key, const std::string& owner = "");

}  // namespace pressroom
