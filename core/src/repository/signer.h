// Which of the keys that are trusted has signed something.
//
//   const PublicKey signer = signer_of(index_text, signature_text, lab.keys,
//                                      {"the repository's index", where, "add the repository"});
//   const PublicKey author = bundle_signer(read_bundle(file), lab.keys, file);
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bundle/bundle_archive.h"
#include "signing/public_key.h"

namespace pressroom {

// What was signed, for messages.
struct SignedThing {
  std::string what;         // "the repository's index"
  std::string where;        // the file
  std::string fix_unknown;  // what to do where none of the keys has signed it
};

// The one of `keys` that has signed `bytes`. Throws Error, in words of their own, for what is no
// signature, one by a key that is not among them, one of other bytes, and one whose trusted comment
// was altered.
PublicKey signer_of(std::string_view bytes, std::string_view signature_text,
                    const std::vector<PublicKey>& keys, const SignedThing& thing);

// The one of `keys` that has signed the manifest of a bundle, and with it all that verify_contents
// (bundle_contents.h) held to the manifest. Throws Error as signer_of does, and for a bundle that
// is not signed.
PublicKey bundle_signer(const BundleMembers& members, const std::vector<PublicKey>& keys,
                        const std::string& where);

}  // namespace pressroom
