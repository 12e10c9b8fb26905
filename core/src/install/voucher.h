// Who stands for a bundle: whose key has signed its manifest, and with it every file in it.
//
//   Vouchers trusted;
//   trusted.keys = {PublicKey::parse(line, "--key")};
//   const std::string key = voucher_of(members, "h2o-1.1.0.press.tar.zst", trusted);
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bundle/bundle_archive.h"
#include "signing/public_key.h"

namespace pressroom {

// The keys that may vouch for one bundle: those pinned for the repository it comes from, or those
// that were given with it.
struct Vouchers {
  std::vector<PublicKey> keys;
  // Throws Error where one of `keys` may not vouch any more (it is revoked, or has expired).
  std::function<void(const PublicKey&)> check = [](const PublicKey&) {};
  // Somebody has looked at the bundle and takes it though nobody here vouches for it.
  bool allow_unsigned = false;
};

// The line (PublicKey::line) of the key that vouches for `members`; "" where nobody does and that
// is allowed. Throws Error, about `where` and with what would allow it once, for a bundle without a
// signature and for one by a key that is not among `trusted`. Whatever is allowed, it throws, too,
// for what is no signature, a signature of another manifest, and a key that may not vouch.
std::string voucher_of(const BundleMembers& members, const std::string& where,
                       const Vouchers& trusted);

}  // namespace pressroom
