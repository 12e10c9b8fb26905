#include "signing/signature.h"

#include <sodium.h>

#include <algorithm>
#include <vector>

#include "signing/minisign_text.h"

namespace pressroom {
namespace {

// "ED" or "Ed", id, signature.
using PackedSignature = std::array<unsigned char, kSignatureBytes>;
constexpr std::size_t kBytesAt = 2 + std::tuple_size<KeyId>::value;

std::string hash_of(std::string_view bytes) {
  std::string hash(crypto_generichash_BYTES_MAX, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                     reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), nullptr,
                     0);
  return hash;
}

std::string commented(const std::array<unsigned char, 64>& of_bytes, std::string_view comment) {
  return std::string(of_bytes.begin(), of_bytes.end()).append(comment);
}

bool is_signed(std::string_view message, const std::array<unsigned char, 64>& signature,
               const PublicKey& key) {
  return crypto_sign_verify_detached(signature.data(),
                                     reinterpret_cast<const unsigned char*>(message.data()),
                                     message.size(), key.key.data()) == 0;
}

void check_bytes(std::string_view bytes, const Signature& signature, const PublicKey& key,
                 const std::string& where) {
  if (signature.key_id != key.id) {
    throw Error(
        {"signed by another key", where, "key " + key_id_text(key.id),
         "key " + key_id_text(signature.key_id),
         "check that this file is from whom it should be from, and that the key is theirs"});
  }
  // The mark that tells the kinds apart is not signed: a hash could be passed off as the file.
  if (!signature.prehashed && bytes.size() == crypto_generichash_BYTES_MAX) {
    throw Error({"a legacy signature of 64 bytes may be one of another file", where,
                 "a prehashed signature", "a legacy one", "have it signed again without -l"});
  }
  const std::string hash = signature.prehashed ? hash_of(bytes) : "";
  if (is_signed(signature.prehashed ? hash : bytes, signature.of_bytes, key)) return;
  throw Error({"the bytes are not those that were signed", where,
               "the bytes that key " + key_id_text(key.id) + " signed",
               std::to_string(bytes.size()) + " bytes that it did not sign",
               "get the file and its signature again; do not use this one"});
}

}  // namespace

Signature Signature::parse(std::string_view text, const std::string& where) {
  const std::vector<std::string_view> lines = text_lines(text);
  Signature signature;
  PackedSignature packed;
  const bool is_signature =
      lines.size() == 4 && is_comment(lines[0], kUntrustedPrefix, kMostUntrustedBytes) &&
      decode_base64(lines[1], packed.data(), packed.size()) && packed[0] == 'E' &&
      (packed[1] == 'D' || packed[1] == 'd') &&
      is_comment(lines[2], kTrustedPrefix, kMostTrustedBytes) &&
      decode_base64(lines[3], signature.of_comment.data(), signature.of_comment.size());
  if (!is_signature) throw not_a("a signature", text, where);
  signature.untrusted_comment = lines[0].substr(kUntrustedPrefix.size());
  signature.prehashed = packed[1] == 'D';
  std::copy_n(packed.begin() + 2, signature.key_id.size(), signature.key_id.begin());
  std::copy(packed.begin() + kBytesAt, packed.end(), signature.of_bytes.begin());
  signature.trusted_comment = lines[2].substr(kTrustedPrefix.size());
  return signature;
}

std::string Signature::text() const {
  PackedSignature packed = {'E', static_cast<unsigned char>(prehashed ? 'D' : 'd')};
  std::copy(key_id.begin(), key_id.end(), packed.begin() + 2);
  std::copy(of_bytes.begin(), of_bytes.end(), packed.begin() + kBytesAt);
  return std::string(kUntrustedPrefix) + untrusted_comment + "\n" +
         encode_base64(packed.data(), packed.size()) + "\n" + std::string(kTrustedPrefix) +
         trusted_comment + "\n" + encode_base64(of_comment.data(), of_comment.size()) + "\n";
}

std::string sign(std::string_view bytes, const SecretKey& key, std::string_view trusted_comment,
                 std::string_view untrusted_comment) {
  check_comment(trusted_comment, "trusted comment", kMostTrustedBytes);
  check_comment(untrusted_comment, "untrusted comment", kMostUntrustedBytes);
  Signature signature;
  signature.untrusted_comment = untrusted_comment;
  signature.key_id = key.public_key().id;
  signature.of_bytes = key.signature_of(hash_of(bytes));
  signature.trusted_comment = trusted_comment;
  signature.of_comment = key.signature_of(commented(signature.of_bytes, trusted_comment));
  return signature.text();
}

std::string verify(std::string_view bytes, std::string_view signature_text, const PublicKey& key,
                   const std::string& where) {
  start_sodium();
  Signature signature = Signature::parse(signature_text, where);
  check_bytes(bytes, signature, key, where);
  if (!is_signed(commented(signature.of_bytes, signature.trusted_comment), signature.of_comment,
                 key)) {
    throw Error({"the trusted comment was altered", where,
                 "the comment that key " + key_id_text(key.id) + " signed",
                 "\"" + signature.trusted_comment + "\"",
                 "get the signature again; do not believe this one"});
  }
  return signature.trusted_comment;
}

}  // namespace pressroom
