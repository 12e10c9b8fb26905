// The repositories that a user has added, with the keys pinned then: HOME/repositories.json.
//
//   {"schema": "pressroom.repositories/1",
//    "repositories": [{"name": "lab", "location": "/srv/presses", "keys": ["RW..."], "serial": 12,
//                      "withdrawn": [{"key": "RW...", "owner": "B. Author", "revoked": true}]}]}
//
//   add_repository(home, {"lab", normal_location("../presses"), {key}});
//   const std::vector<KnownRepository> known = known_repositories(home);
//   const KnownRepository& lab = find_repository(known, "lab");
//
// A change holds a lock and is written atomically: of two at once none is lost. Reading needs
// neither. docs/schemas/known_repositories.schema.json says the same as a JSON Schema.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "repository/indexed_key.h"
#include "signing/public_key.h"

namespace pressroom {

inline constexpr const char* kRepositoriesSchema = "pressroom.repositories/1";

struct KnownRepository {
  std::string name;      // [a-z0-9][a-z0-9._-]*, at most 64 bytes
  std::string location;  // as normal_location (repository_source.h) spells it
  std::vector<PublicKey> keys;
  std::int64_t serial = 0;  // the highest seen; 0: none yet
  // What the indexes seen so far took back. A revoked key stays revoked, whatever later indexes
  // say: who has stolen it could sign one that says nothing.
  std::vector<IndexedKey> withdrawn;
};

// All of them by name; none where the file is missing. Throws Error for a file that is damaged, is
// none, or that every user of the machine may write to.
std::vector<KnownRepository> known_repositories(const std::filesystem::path& home);

// Adds a repository, or keys to one of the same name and location. Throws Error for a name or
// location that is none, for no key, for a name that is taken by another location or a location by
// another name, and for a key that was revoked.
void add_repository(const std::filesystem::path& home, const KnownRepository& repository);

// False where there is none of that name.
bool remove_repository(const std::filesystem::path& home, const std::string& name);

// Takes in what a verified index said: its serial number, never lowering it, and which keys are
// revoked or expire. Does nothing for an index that is older than one seen before.
void learn(KnownRepository& known, std::int64_t serial,
           const std::vector<IndexedKey>& said_of_keys);

// The same in the list of `home`. Does nothing where the repository is not known, or no longer, and
// where this user may not write to `home`: who cannot remember can still read.
void note_serial(const std::filesystem::path& home, const std::string& name, std::int64_t serial,
                 const std::vector<IndexedKey>& said_of_keys = {});

// By name, or by location in any spelling. Throws Error, with a suggestion, where there is none.
const KnownRepository& find_repository(const std::vector<KnownRepository>& known,
                                       const std::string& name_or_location);

// The file's text and back, strict as parse_repository_index is. Both throw Error for what the
// other would not take.
std::string known_repositories_text(const std::vector<KnownRepository>& known,
                                    const std::string& where);
std::vector<KnownRepository> parse_known_repositories(std::string_view text,
                                                      const std::string& where);

}  // namespace pressroom
