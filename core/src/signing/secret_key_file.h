// The bytes of a secret key's file, and how a passphrase locks them.
//
//   SecretKeyFile file = SecretKeyFile::parse(text, "lab.key");
//   if (file.encrypted()) file.decrypt(passphrase, "lab.key");
//   file.check_parts("lab.key");
//   use(file.id(), file.secret());
//
// For secret_key.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "signing/minisign_text.h"
#include "signing/secret_bytes.h"
#include "signing/secret_key.h"

namespace pressroom {

class SecretKeyFile {
 public:
  // Of a key, not encrypted. `secret` has 64 bytes: the seed and the public key.
  SecretKeyFile(const KeyId& id, const unsigned char* secret);

  // Throws Error for what is not a secret key in form.
  static SecretKeyFile parse(std::string_view text, const std::string& where);

  bool encrypted() const;

  // Both throw Error where there is too little memory; decrypt, too, for limits above those of
  // PassphraseCost and for a passphrase that is not the one.
  void encrypt(std::string_view passphrase, PassphraseCost cost);
  void decrypt(std::string_view passphrase, const std::string& where);

  // Throws Error where the parts of a key that is not encrypted, or no longer, are not of one key.
  void check_parts(const std::string& where) const;

  KeyId id() const;
  const unsigned char* secret() const;

  std::string text(const char* comment) const;

 private:
  using Checksum = SecretBytes<32>;

  SecretKeyFile() = default;

  bool has_mark(std::size_t at, std::string_view mark) const;
  std::uint64_t number_at(std::size_t at) const;
  void put_number(std::size_t at, std::uint64_t number);
  void check_cost(const std::string& where) const;
  void apply_passphrase(std::string_view passphrase, const std::string& where);
  Checksum checksum() const;
  bool has_checksum() const;

  SecretBytes<kSecretKeyBytes> bytes_;
};

}  // namespace pressroom
