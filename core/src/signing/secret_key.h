// Secret keys: what signatures are made with, in minisign's format.
//
//   const SecretKey key = SecretKey::generate();
//   write_file_atomically("lab.pub", key.public_key().text());
//   const std::string locked = key.text_encrypted(passphrase);
//
//   const std::string text = text_of_file("lab.key");
//   if (needs_passphrase(text, "lab.key")) passphrase = ask();
//   const SecretKey key = SecretKey::parse(text, passphrase, "lab.key");
//
// The key is wiped when the object goes. Passphrases and the texts of unencrypted keys are the
// caller's to wipe(), and a key's file is the caller's to keep from others.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "signing/public_key.h"
#include "signing/secret_bytes.h"

namespace pressroom {

// What it costs to try a passphrase, as limits of scrypt. These are minisign's, seconds and 1 GiB,
// and the most that a key's file may ask for. Less than 2^15 and 2^24 counts as that.
struct PassphraseCost {
  std::uint64_t operations = std::uint64_t{1} << 25;
  std::uint64_t memory_bytes = std::uint64_t{1} << 30;
};

// Whether the secret key in `text` is encrypted. Throws Error for what is not a secret key.
bool needs_passphrase(std::string_view text, const std::string& where);

class SecretKey {
 public:
  // A new key with a new id, from the system's random numbers.
  static SecretKey generate();

  // From the text of a file; where it is not encrypted the passphrase plays no part. Throws Error
  // for what is not a secret key, a passphrase that does not open it, one that asks for more than
  // PassphraseCost or than there is memory, and a key whose public half is of another one.
  static SecretKey parse(std::string_view text, std::string_view passphrase,
                         const std::string& where);

  // The text of a file, under a new salt. Throws Error for a passphrase that is empty or that
  // minisign could not be given (over 1,022 bytes, a line end, NUL), and where memory is short.
  std::string text_encrypted(std::string_view passphrase, PassphraseCost cost = {}) const;

  // As `minisign -W` makes it: whoever reads it can sign.
  std::string text_unencrypted() const;

  const PublicKey& public_key() const { return public_key_; }

  // The Ed25519 signature of `message` and nothing else: sign() of signature.h makes whole ones.
  std::array<unsigned char, 64> signature_of(std::string_view message) const;

 private:
  SecretKey() = default;

  PublicKey public_key_;
  SecretBytes<64> secret_;  // the seed, and the public key once more
};

}  // namespace pressroom
