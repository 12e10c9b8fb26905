#include "install/voucher.h"

#include <algorithm>

#include "bundle/member_path.h"
#include "pressroom/error.h"
#include "repository/signer.h"
#include "signing/signature.h"

namespace pressroom {
namespace {

constexpr const char* kAllowOnce =
    "if you know who made it and what it does, give the same command with --allow-unsigned: "
    "results will say so";

bool is_signed_by_a_stranger(const BundleMembers& members, const std::string& where,
                             const std::vector<PublicKey>& known) {
  const Signature parts =
      Signature::parse(members.at(kSignaturePath).bytes, where + ", " + kSignaturePath);
  return std::none_of(known.begin(), known.end(),
                      [&](const PublicKey& key) { return key.id == parts.key_id; });
}

// The Error with what would allow the bundle once.
[[noreturn]] void refuse(const Error& error) {
  Problem problem = error.problems().front();
  problem.fix += problem.fix.empty() ? kAllowOnce : std::string("; ") + kAllowOnce;
  throw Error(problem);
}

}  // namespace

std::string voucher_of(const BundleMembers& members, const std::string& where,
                       const Vouchers& trusted) {
  // No more than a missing key can be made up for by who installs: a signature that is wrong tells
  // of another bundle than the one that was signed.
  const bool nobody_vouches =
      members.count(kSignaturePath) == 0 || is_signed_by_a_stranger(members, where, trusted.keys);
  if (nobody_vouches && trusted.allow_unsigned) return "";
  try {
    const PublicKey key = bundle_signer(members, trusted.keys, where);
    trusted.check(key);
    return key.line();
  } catch (const Error& error) {
    if (nobody_vouches) refuse(error);
    throw;
  }
}

}  // namespace pressroom
