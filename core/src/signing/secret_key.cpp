#include "signing/secret_key.h"

#include <sodium.h>

#include <algorithm>

#include "signing/secret_key_file.h"

namespace pressroom {
namespace {

// Minisign reads no more of a line.
constexpr std::size_t kMostPassphraseBytes = 1022;

void check_passphrase(std::string_view passphrase) {
  std::string got;
  if (passphrase.empty()) got = "an empty one";
  if (passphrase.size() > kMostPassphraseBytes) got = std::to_string(passphrase.size()) + " bytes";
  if (passphrase.find_first_of({"\n\0", 2}) != std::string_view::npos) got = "a line end or NUL";
  if (got.empty()) return;
  throw Error({"the passphrase cannot protect a key", "",
               "one line of 1 to " + std::to_string(kMostPassphraseBytes) + " bytes", got,
               "choose another one"});
}

}  // namespace

bool needs_passphrase(std::string_view text, const std::string& where) {
  return SecretKeyFile::parse(text, where).encrypted();
}

SecretKey SecretKey::generate() {
  SecretKey key;
  randombytes_buf(key.public_key_.id.data(), key.public_key_.id.size());
  crypto_sign_keypair(key.public_key_.key.data(), key.secret_.data());
  return key;
}

SecretKey SecretKey::parse(std::string_view text, std::string_view passphrase,
                           const std::string& where) {
  SecretKeyFile file = SecretKeyFile::parse(text, where);
  if (file.encrypted()) file.decrypt(passphrase, where);
  file.check_parts(where);
  SecretKey key;
  key.public_key_.id = file.id();
  std::copy_n(file.secret(), key.secret_.size(), key.secret_.data());
  crypto_sign_ed25519_sk_to_pk(key.public_key_.key.data(), key.secret_.data());
  return key;
}

std::string SecretKey::text_encrypted(std::string_view passphrase, PassphraseCost cost) const {
  check_passphrase(passphrase);
  // parse() would refuse the file.
  PRESSROOM_ASSERT(cost.operations <= PassphraseCost().operations &&
                   cost.memory_bytes <= PassphraseCost().memory_bytes);
  SecretKeyFile file(public_key_.id, secret_.data());
  file.encrypt(passphrase, cost);
  return file.text("minisign encrypted secret key");
}

std::string SecretKey::text_unencrypted() const {
  const SecretKeyFile file(public_key_.id, secret_.data());
  return file.text("minisign secret key without a passphrase");
}

std::array<unsigned char, 64> SecretKey::signature_of(std::string_view message) const {
  std::array<unsigned char, 64> signature;
  crypto_sign_detached(signature.data(), nullptr,
                       reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                       secret_.data());
  return signature;
}

}  // namespace pressroom
