// Whose word is taken for a bundle, whose is not, and what is said then.
#include "install/voucher.h"

#include "repository_test_support.h"

namespace pressroom::voucher_test {
namespace {

const PublicKey& a() { return key_of_a().public_key(); }
const PublicKey& b() { return key_of_b().public_key(); }

enum class Signed { kByA, kByB, kByNobody, kByBAsA, kOtherManifest, kOtherComment, kByNoSignature };

BundleMembers signed_as(Signed how) {
  const bool by_b = how == Signed::kByB || how == Signed::kByBAsA;
  const SecretKey* const key = how == Signed::kByNobody ? nullptr
                               : by_b                   ? &key_of_b()
                                                        : &key_of_a();
  BundleMembers members = signed_members("h2o", {1, 1, 0}, key);
  if (key == nullptr) return members;
  std::string& signature = members.at(kSignaturePath).bytes;
  if (how == Signed::kByBAsA) {
    Signature parts = Signature::parse(signature, "a signature");
    parts.key_id = a().id;
    signature = parts.text();
  }
  if (how == Signed::kOtherManifest) members.at(kManifestPath).bytes += '\n';
  if (how == Signed::kOtherComment) {
    const std::string line = "trusted comment: a bundle";
    signature.replace(signature.rfind(line), line.size(), "trusted comment: another");
  }
  if (how == Signed::kByNoSignature) signature = "signed, A\n";
  return members;
}

struct Vouching {
  const char* name;
  Signed how;
  std::vector<PublicKey> keys;
  bool allow_unsigned;
  // "" where it is refused; for nobody's word, that is allowed, "nobody".
  std::string voucher;
  const char* what = "";  // of the refusal
  bool can_be_allowed = false;
};

std::vector<Vouching> vouchings() {
  const char* const unknown = "the bundle is signed by an unknown key";
  const char* const none = "the bundle is not signed";
  const char* const other = "the bytes are not those that were signed";
  return {
      {"by the key", Signed::kByA, {a()}, false, a().line()},
      {"by the key, unsigned allowed", Signed::kByA, {a()}, true, a().line()},
      {"by the second key", Signed::kByB, {a(), b()}, false, b().line()},
      {"by a stranger", Signed::kByB, {a()}, false, "", unknown, true},
      {"by a stranger, allowed", Signed::kByB, {a()}, true, "nobody"},
      {"nobody is trusted", Signed::kByA, {}, false, "", unknown, true},
      {"nobody is trusted, allowed", Signed::kByA, {}, true, "nobody"},
      {"not signed", Signed::kByNobody, {a()}, false, "", none, true},
      {"not signed, nobody is trusted", Signed::kByNobody, {}, false, "", none, true},
      {"not signed, allowed", Signed::kByNobody, {a()}, true, "nobody"},
      // What is wrong is not made right by being allowed.
      {"in another's name", Signed::kByBAsA, {a()}, false, "", other},
      {"in another's name, allowed", Signed::kByBAsA, {a()}, true, "", other},
      {"in another's name, who signs as well", Signed::kByBAsA, {a(), b()}, true, "", other},
      {"another manifest", Signed::kOtherManifest, {a()}, false, "", other},
      {"another manifest, allowed", Signed::kOtherManifest, {a()}, true, "", other},
      {"another comment",
       Signed::kOtherComment,
       {a()},
       false,
       "",
       "the trusted comment was altered"},
      {"another comment, allowed",
       Signed::kOtherComment,
       {a()},
       true,
       "",
       "the trusted comment was altered"},
      {"no signature", Signed::kByNoSignature, {a()}, false, "", "this is not a signature"},
      {"no signature, allowed", Signed::kByNoSignature, {a()}, true, "", "this is not a signature"},
      {"no signature, nobody is trusted",
       Signed::kByNoSignature,
       {},
       true,
       "",
       "this is not a signature"},
  };
}

TEST(Voucher, IsWhoseKeyHasSignedAndIsTrusted) {
  for (const Vouching& one : vouchings()) {
    SCOPED_TRACE(one.name);
    Vouchers trusted;
    trusted.keys = one.keys;
    trusted.allow_unsigned = one.allow_unsigned;
    const BundleMembers members = signed_as(one.how);
    if (!one.voucher.empty()) {
      EXPECT_EQ(voucher_of(members, kBundle, trusted), one.voucher == "nobody" ? "" : one.voucher);
      continue;
    }
    const Problem problem = bundle_problem([&] { voucher_of(members, kBundle, trusted); });
    EXPECT_EQ(problem.what, one.what);
    EXPECT_EQ(problem.where.substr(0, std::string(kBundle).size()), kBundle);
    const bool names_a_way = problem.fix.find("--allow-unsigned") != std::string::npos;
    EXPECT_EQ(names_a_way, one.can_be_allowed) << problem.fix;
  }
}

TEST(Voucher, IsNobodyWhoseKeyWasTakenBack) {
  for (const bool allow_unsigned : {false, true}) {
    Vouchers trusted;
    trusted.keys = {a(), b()};
    trusted.allow_unsigned = allow_unsigned;
    std::vector<std::string> asked;
    trusted.check = [&](const PublicKey& key) {
      asked.push_back(key.line());
      if (key == b()) throw Error({"the key was revoked", "lab", "another", "b", "ask"});
    };
    EXPECT_EQ(voucher_of(signed_as(Signed::kByA), kBundle, trusted), a().line());
    const Problem problem =
        bundle_problem([&] { voucher_of(signed_as(Signed::kByB), kBundle, trusted); });
    EXPECT_EQ(problem.what, "the key was revoked");
    EXPECT_EQ(problem.fix, "ask");
    EXPECT_EQ(asked, (std::vector<std::string>{a().line(), b().line()}));
  }
}

TEST(Voucher, IsNotAskedForWhatNobodySigned) {
  Vouchers trusted;
  trusted.keys = {a()};
  trusted.allow_unsigned = true;
  trusted.check = [](const PublicKey&) { ADD_FAILURE() << "a key was checked"; };
  EXPECT_EQ(voucher_of(signed_as(Signed::kByNobody), kBundle, trusted), "");
  EXPECT_EQ(voucher_of(signed_as(Signed::kByB), kBundle, trusted), "");
}

}  // namespace
}  // namespace pressroom::voucher_test
