#include "repository/indexed_key.h"

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <set>

#include "base/utf8.h"

namespace pressroom {
namespace {

IndexedKey indexed_key_of(const StrictObject& object) {
  object.allow_keys({"key", "owner", "expires", "revoked"});
  IndexedKey key;
  const std::string line = object.text("key");
  try {
    key.key = PublicKey::parse(line, "key");
  } catch (const Error&) {
    object.refuse("key", "this is no public key", "the second line of a minisign public key");
  }
  // A key's file would be read as well; records have one spelling.
  if (key.key.line() != line) {
    object.refuse("key", "this is no public key", "the second line of a minisign public key");
  }
  key.owner = object.text("owner");
  if (object.has("expires")) {
    key.expires = parse_utc_time(object.text("expires"));
    if (!key.expires) {
      object.refuse("expires", "this is no moment", "as in 2027-05-01T00:00:00Z");
    }
  }
  key.revoked = object.has("revoked") && object.flag("revoked");
  return key;
}

}  // namespace

void check_indexed_keys(const std::vector<IndexedKey>& keys, const std::string& where) {
  if (keys.size() > kMostIndexedKeys) {
    throw Error({"there are too many keys", where, std::to_string(kMostIndexedKeys) + " at most",
                 std::to_string(keys.size()), "leave out keys that nobody uses"});
  }
  std::set<std::string> lines;
  for (const IndexedKey& key : keys) {
    if (!lines.insert(key.key.line()).second) {
      throw Error({"a key is there twice", where, "every key once", key.key.line(),
                   "leave out one of the two"});
    }
    if (key.owner != printable_line(key.owner)) {
      constexpr std::size_t kShown = 100;
      throw Error({"a key's owner cannot be shown", where,
                   "one line of UTF-8 without control characters",
                   '"' + key.owner.substr(0, kShown) + '"', "name the owner in one line"});
    }
  }
}

nlohmann::ordered_json indexed_keys_json(const std::vector<IndexedKey>& keys) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const IndexedKey& key : keys) {
    nlohmann::ordered_json json = {{"key", key.key.line()}, {"owner", key.owner}};
    if (key.expires) json["expires"] = key.expires->text();
    if (key.revoked) json["revoked"] = true;
    list.push_back(std::move(json));
  }
  return list;
}

std::vector<IndexedKey> indexed_keys_of(const StrictObject& object, const std::string& name) {
  std::vector<IndexedKey> keys;
  for (const StrictObject& key : object.objects(name)) keys.push_back(indexed_key_of(key));
  return keys;
}

const IndexedKey* find_key(const std::vector<IndexedKey>& keys, const PublicKey& key) {
  const auto found = std::find_if(keys.begin(), keys.end(),
                                  [&](const IndexedKey& indexed) { return indexed.key == key; });
  return found == keys.end() ? nullptr : &*found;
}

std::optional<Problem> why_withdrawn(const std::vector<IndexedKey>& keys, const PublicKey& key,
                                     UtcTime now, const std::string& where) {
  const IndexedKey* const found = find_key(keys, key);
  if (found == nullptr) return std::nullopt;
  const std::string words = key_words(key, found->owner);
  if (found->revoked) {
    return Problem{"the key was revoked", where, "a key that still holds", words,
                   "trust nothing that it signed; ask the repository's maintainer for what another "
                   "key signs"};
  }
  if (found->expires && *found->expires <= now) {
    return Problem{"the key has expired", where, "a key that still holds at " + now.text(),
                   words + ", which held until " + found->expires->text(),
                   "ask the repository's maintainer to sign with a newer key"};
  }
  return std::nullopt;
}

std::string key_words(const PublicKey& key, const std::string& owner) {
  return "key " + key_id_text(key.id) + (owner.empty() ? "" : " of " + owner);
}

}  // namespace pressroom
