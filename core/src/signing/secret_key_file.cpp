#include "signing/secret_key_file.h"

#include <sodium.h>

#include <algorithm>
#include <vector>

namespace pressroom {
namespace {

// Where things are: "Ed", "Sc" or two zeros, "B2", salt, the two limits of scrypt (little-endian),
// and what is encrypted: id, seed and public key, checksum.
constexpr std::size_t kKdfAt = 2;
constexpr std::size_t kChecksumKindAt = 4;
constexpr std::size_t kSaltAt = 6;
constexpr std::size_t kOperationsAt = kSaltAt + crypto_pwhash_scryptsalsa208sha256_SALTBYTES;
constexpr std::size_t kMemoryAt = kOperationsAt + 8;
constexpr std::size_t kIdAt = kMemoryAt + 8;
constexpr std::size_t kSecretAt = kIdAt + 8;
constexpr std::size_t kChecksumAt = kSecretAt + crypto_sign_SECRETKEYBYTES;
static_assert(kChecksumAt + 32 == kSecretKeyBytes);

constexpr std::string_view kEncrypted = "Sc";
constexpr std::string_view kNotEncrypted{"\0\0", 2};

}  // namespace

SecretKeyFile::SecretKeyFile(const KeyId& id, const unsigned char* secret) {
  sodium_memzero(bytes_.data(), bytes_.size());
  std::copy_n("Ed\0\0B2", kSaltAt, bytes_.data());
  std::copy(id.begin(), id.end(), bytes_.data() + kIdAt);
  std::copy_n(secret, crypto_sign_SECRETKEYBYTES, bytes_.data() + kSecretAt);
  const Checksum sum = checksum();
  std::copy_n(sum.data(), sum.size(), bytes_.data() + kChecksumAt);
}

SecretKeyFile SecretKeyFile::parse(std::string_view text, const std::string& where) {
  const std::vector<std::string_view> lines = text_lines(text);
  SecretKeyFile file;
  const bool is_key = lines.size() == 2 &&
                      is_comment(lines[0], kUntrustedPrefix, kMostUntrustedBytes) &&
                      decode_base64(lines[1], file.bytes_.data(), file.bytes_.size()) &&
                      file.has_mark(0, "Ed") && file.has_mark(kChecksumKindAt, "B2") &&
                      (file.encrypted() || file.has_mark(kKdfAt, kNotEncrypted));
  if (!is_key) throw not_a("a secret key", text, where);
  return file;
}

bool SecretKeyFile::encrypted() const { return has_mark(kKdfAt, kEncrypted); }

void SecretKeyFile::encrypt(std::string_view passphrase, PassphraseCost cost) {
  std::copy(kEncrypted.begin(), kEncrypted.end(), bytes_.data() + kKdfAt);
  randombytes_buf(bytes_.data() + kSaltAt, kOperationsAt - kSaltAt);
  put_number(kOperationsAt, cost.operations);
  put_number(kMemoryAt, cost.memory_bytes);
  apply_passphrase(passphrase, "");
}

void SecretKeyFile::decrypt(std::string_view passphrase, const std::string& where) {
  check_cost(where);
  apply_passphrase(passphrase, where);
  if (has_checksum()) return;
  throw Error({"the passphrase does not open the secret key", where,
               "the one that it was encrypted with", "another one, or a damaged file",
               "enter it again"});
}

void SecretKeyFile::check_parts(const std::string& where) const {
  SecretBytes<crypto_sign_SECRETKEYBYTES> made;
  unsigned char public_half[crypto_sign_PUBLICKEYBYTES];
  crypto_sign_seed_keypair(public_half, made.data(), secret());
  // Signatures made with a public half that is not the seed's own give the seed away.
  if (has_checksum() && sodium_memcmp(made.data(), secret(), made.size()) == 0) return;
  throw Error({"the secret key is damaged", where, "parts of one key that fit", "parts that do not",
               "take the file from where it is kept safe"});
}

KeyId SecretKeyFile::id() const {
  KeyId id;
  std::copy_n(bytes_.data() + kIdAt, id.size(), id.begin());
  return id;
}

const unsigned char* SecretKeyFile::secret() const { return bytes_.data() + kSecretAt; }

std::string SecretKeyFile::text(const char* comment) const {
  return std::string(kUntrustedPrefix) + comment + "\n" +
         encode_base64(bytes_.data(), bytes_.size()) + "\n";
}

bool SecretKeyFile::has_mark(std::size_t at, std::string_view mark) const {
  return std::equal(mark.begin(), mark.end(), bytes_.data() + at, [](char c, unsigned char byte) {
    return static_cast<unsigned char>(c) == byte;
  });
}

std::uint64_t SecretKeyFile::number_at(std::size_t at) const {
  std::uint64_t number = 0;
  for (int i = 7; i >= 0; --i) number = number << 8 | bytes_.data()[at + i];
  return number;
}

void SecretKeyFile::put_number(std::size_t at, std::uint64_t number) {
  for (int i = 0; i < 8; ++i) bytes_.data()[at + i] = static_cast<unsigned char>(number >> 8 * i);
}

// Somebody else's file must not take the machine's memory, or hours of its time.
void SecretKeyFile::check_cost(const std::string& where) const {
  const PassphraseCost most;
  const std::uint64_t operations = number_at(kOperationsAt);
  const std::uint64_t memory_bytes = number_at(kMemoryAt);
  if (operations <= most.operations && memory_bytes <= most.memory_bytes) return;
  const auto cost = [](std::uint64_t work, std::uint64_t bytes) {
    return std::to_string(work) + " operations in " + std::to_string(bytes) + " bytes";
  };
  throw Error({"the secret key asks for more work than any of minisign's", where,
               cost(most.operations, most.memory_bytes) + " at most",
               cost(operations, memory_bytes),
               "the file is damaged, or made to take this machine's time: copy it again"});
}

// Encrypts or decrypts: both are an exclusive or with what scrypt makes of the passphrase.
void SecretKeyFile::apply_passphrase(std::string_view passphrase, const std::string& where) {
  SecretBytes<kSecretKeyBytes - kIdAt> stream;
  const std::uint64_t memory_bytes = number_at(kMemoryAt);
  if (crypto_pwhash_scryptsalsa208sha256(stream.data(), stream.size(), passphrase.data(),
                                         passphrase.size(), bytes_.data() + kSaltAt,
                                         number_at(kOperationsAt), memory_bytes) != 0) {
    throw Error({"there is too little memory for the passphrase", where,
                 std::to_string(memory_bytes >> 20) + " MiB for a second or two", "less",
                 "end other processes, or raise the limit of memory"});
  }
  for (std::size_t i = 0; i < stream.size(); ++i) bytes_.data()[kIdAt + i] ^= stream.data()[i];
}

// BLAKE2b-256 of "Ed", the id and both halves.
SecretKeyFile::Checksum SecretKeyFile::checksum() const {
  Checksum sum;
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, sum.size());
  crypto_generichash_update(&state, bytes_.data(), kKdfAt);
  crypto_generichash_update(&state, bytes_.data() + kIdAt, kChecksumAt - kIdAt);
  crypto_generichash_final(&state, sum.data(), sum.size());
  sodium_memzero(&state, sizeof state);
  return sum;
}

bool SecretKeyFile::has_checksum() const {
  const unsigned char* found = bytes_.data() + kChecksumAt;
  // `minisign -G -W` leaves zeros there.
  if (!encrypted() && sodium_is_zero(found, Checksum::size())) return true;
  return sodium_memcmp(checksum().data(), found, Checksum::size()) == 0;
}

}  // namespace pressroom
