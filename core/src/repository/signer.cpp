#include "repository/signer.h"

#include <cstddef>

#include "base/strings.h"
#include "bundle/member_path.h"
#include "pressroom/error.h"
#include "signing/signature.h"

namespace pressroom {
namespace {

std::string ids_of(const std::vector<PublicKey>& keys) {
  constexpr std::size_t kMostShown = 5;
  std::vector<std::string> ids;
  for (const PublicKey& key : keys) {
    if (ids.size() == kMostShown) {
      ids.emplace_back("...");
      break;
    }
    ids.push_back("key " + key_id_text(key.id));
  }
  return ids.empty() ? "a key that is trusted here (there is none)" : joined(ids, " or ");
}

}  // namespace

PublicKey signer_of(std::string_view bytes, std::string_view signature_text,
                    const std::vector<PublicKey>& keys, const SignedThing& thing) {
  const Signature signature = Signature::parse(signature_text, thing.where);
  std::vector<PublicKey> same_id;
  for (const PublicKey& key : keys) {
    if (key.id == signature.key_id) same_id.push_back(key);
  }
  if (same_id.empty()) {
    throw Error({thing.what + " is signed by an unknown key", thing.where, ids_of(keys),
                 "key " + key_id_text(signature.key_id), thing.fix_unknown});
  }
  // Anybody can make a key of a given id, so there may be several: of the last it is told what is
  // wrong.
  for (std::size_t i = 0; i + 1 < same_id.size(); ++i) {
    try {
      verify(bytes, signature_text, same_id[i], thing.where);
      return same_id[i];
    } catch (const Error&) {
      continue;
    }
  }
  verify(bytes, signature_text, same_id.back(), thing.where);
  return same_id.back();
}

PublicKey bundle_signer(const BundleMembers& members, const std::vector<PublicKey>& keys,
                        const std::string& where) {
  const auto manifest = members.find(kManifestPath);
  const auto signature = members.find(kSignaturePath);
  if (manifest == members.end() || signature == members.end()) {
    throw Error({"the bundle is not signed", where,
                 std::string(kManifestPath) + " and " + kSignaturePath + " in it",
                 manifest == members.end() ? "no manifest" : "no signature",
                 "ask its author to sign it (pressroom plugin sign)"});
  }
  return signer_of(
      manifest->second.bytes, signature->second.bytes, keys,
      {"the bundle", where + ": " + kSignaturePath,
       "ask its author which key that is; if it is theirs, pin it for their repository "
       "(pressroom repo add), or give it with a file (--key)"});
}

}  // namespace pressroom
