// An index and its signature, as one source has them. For who opens a repository and who publishes
// to one.
//
//   const std::optional<SignedIndex> read = read_signed_index(*source);
//   const PublicKey signer = index_signer(*read, known.keys, *source);
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "repository/repository_index.h"
#include "repository/repository_source.h"
#include "signing/public_key.h"

namespace pressroom {

struct SignedIndex {
  std::string text;
  std::string signature;
};

// Nothing where there is no index. Throws Error where it is not signed, or cannot be read.
std::optional<SignedIndex> read_signed_index(RepositorySource& source);

// The one of `keys` that has signed it. Throws Error as signer_of (signer.h) does.
PublicKey index_signer(const SignedIndex& index, const std::vector<PublicKey>& keys,
                       const RepositorySource& source);

// Throws Error for an index that is older than one with this serial number, which was seen before.
void refuse_older(const RepositoryIndex& index, std::int64_t serial_seen, const std::string& where);

}  // namespace pressroom
