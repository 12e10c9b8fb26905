// Signatures in minisign's format: who signed these bytes, and what they said of them.
//
//   const std::string signature = sign(bytes, key, "results of a.yaml, 2024-05-01");
//   write_file_atomically("results.tar.minisig", signature);
//
//   const std::string comment = verify(bytes, signature, public_key, "results.tar.minisig");
//
// `minisign -Vm results.tar -p lab.pub` says the same. Large files: base/mapped_file.h.
//
// A signature holds for the bytes and the trusted comment; not for the file's name, and not for the
// untrusted comment. It never ends: whether a file is the newest is for the trusted comment to say.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "signing/public_key.h"
#include "signing/secret_key.h"

namespace pressroom {

// The parts of a signature, none of them proven: for who looks for the key to verify() with.
struct Signature {
  std::string untrusted_comment;
  bool prehashed = true;  // made of the bytes' BLAKE2b-512, or (`minisign -l`) of the bytes
  KeyId key_id{};
  std::array<unsigned char, 64> of_bytes{};
  std::string trusted_comment;
  std::array<unsigned char, 64> of_comment{};  // and of of_bytes, before it

  // `where` is the text's name for messages. Throws Error for what is not a signature.
  static Signature parse(std::string_view text, const std::string& where);

  // The four lines of a file.
  std::string text() const;
};

// The text of a signature file, the same whenever it is made. Throws Error for comments that are no
// line of text or longer than 1,003 bytes (untrusted) or 8,173.
std::string sign(std::string_view bytes, const SecretKey& key, std::string_view trusted_comment,
                 std::string_view untrusted_comment = "signature from minisign secret key");

// The trusted comment of the signature of `bytes` by `key`. It may be no text: printable_line()
// before it is printed. Throws Error, in words of their own, for what is not a signature, one by
// another key, one of other bytes, and one whose trusted comment was altered; and for a legacy
// signature of 64 bytes, which may be the prehashed one of the file whose hash they are.
std::string verify(std::string_view bytes, std::string_view signature_text, const PublicKey& key,
                   const std::string& where);

}  // namespace pressroom
