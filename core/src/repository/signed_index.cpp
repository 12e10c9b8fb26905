#include "repository/signed_index.h"

#include "pressroom/error.h"
#include "repository/signer.h"

namespace pressroom {
namespace {

constexpr std::uint64_t kMostSignatureBytes = 16384;  // more than its longest comments

}  // namespace

std::optional<SignedIndex> read_signed_index(RepositorySource& source) {
  std::string path;
  // Of those that are no longer the newest, only some signatures are kept: when the reader is slow
  // and publishers are fast, the index that it has in hand may have lost its own.
  constexpr int kTries = 3;
  for (int i = 0; i < kTries; ++i) {
    std::optional<std::string> text = source.read(kIndexPath, kMostIndexBytes);
    if (!text) return std::nullopt;
    const std::string new_path = index_signature_path(*text);
    if (new_path == path) break;
    path = new_path;
    std::optional<std::string> signature = source.read(path, kMostSignatureBytes);
    if (signature) return SignedIndex{std::move(*text), std::move(*signature)};
  }
  throw Error({"the repository's index is not signed", source.where(kIndexPath),
               "its signature as " + source.where(path), "no such file",
               "do not use it: it was changed, or put there by hand; its maintainer can publish it "
               "again"});
}

PublicKey index_signer(const SignedIndex& index, const std::vector<PublicKey>& keys,
                       const RepositorySource& source) {
  return signer_of(index.text, index.signature, keys,
                   {"the repository's index", source.where(index_signature_path(index.text)),
                    "ask the repository's maintainer whose key that is, and pin it if it is theirs "
                    "(pressroom repo add)"});
}

void refuse_older(const RepositoryIndex& index, std::int64_t serial_seen,
                  const std::string& where) {
  if (index.serial >= serial_seen) return;
  throw Error({"the repository's index is older than one seen before", where,
               "serial number " + std::to_string(serial_seen) + " or higher",
               std::to_string(index.serial),
               "do not use it: somebody put an old index there, or a server's copy is old; ask the "
               "repository's maintainer"});
}

}  // namespace pressroom
