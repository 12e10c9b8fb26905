#include <gtest/gtest.h>
#include <sodium.h>

#include <functional>
#include <string>

#include "pressroom/error.h"
#include "signing/secret_key.h"
#include "signing/signature.h"
#include "text_search.h"

namespace pressroom::signing_keys_test {
namespace {

// The least that scrypt does: milliseconds.
constexpr PassphraseCost kCheap{1 << 15, 1 << 24};

constexpr char kPassphrase[] = "old books";

// What `call` says is wrong, "" where it throws nothing.
std::string fault_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.problems().at(0).what;
  }
  return "";
}

// The 158 bytes of a secret key's file, and the file of such bytes.
std::string packed(const std::string& file) {
  const std::string line = file.substr(file.find('\n') + 1);
  std::string bytes(158, '\0');
  std::size_t size = 0;
  EXPECT_EQ(
      sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), line.data(),
                        line.size(), "\n", &size, nullptr, sodium_base64_VARIANT_ORIGINAL),
      0);
  EXPECT_EQ(size, bytes.size());
  return bytes;
}

std::string file_of(const std::string& bytes) {
  std::string line(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(line.data(), line.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  line.pop_back();
  return "untrusted comment: \n" + line + "\n";
}

constexpr std::size_t kLimitsAt = 38;
constexpr std::size_t kIdAt = 54;
constexpr std::size_t kPublicHalfAt = 94;
constexpr std::size_t kChecksumAt = 126;

TEST(PublicKey, IsReadFromAFileOrALine) {
  const PublicKey key = SecretKey::generate().public_key();
  EXPECT_EQ(key.line().size(), 56u);
  EXPECT_EQ(key.text(), "untrusted comment: minisign public key " + key_id_text(key.id) + "\n" +
                            key.line() + "\n");
  for (const std::string& text : {key.text(), key.line(), key.line() + "\n",
                                  "untrusted comment: \r\n" + key.line() + "\r\n"}) {
    EXPECT_EQ(PublicKey::parse(text, "a"), key) << text;
  }
}

TEST(PublicKey, HasAnIdWithTheLastByteFirst) {
  EXPECT_EQ(key_id_text({1, 2, 3, 4, 5, 6, 7, 0xfe}), "FE07060504030201");
  EXPECT_EQ(key_id_text({}), "0000000000000000");
}

TEST(PublicKey, IsAnotherOneOrNoneWithAnyByteChanged) {
  const SecretKey secret = SecretKey::generate();
  const std::string line = secret.public_key().line();
  const std::string signature = sign("a", secret, "c");
  for (std::size_t at = 0; at < line.size(); ++at) {
    for (int change = 1; change < 256; ++change) {
      std::string changed = line;
      changed[at] = static_cast<char>(changed[at] ^ change);
      ASSERT_NE(fault_of([&] { verify("a", signature, PublicKey::parse(changed, "a"), "a"); }), "")
          << at << ", " << change;
    }
  }
}

TEST(PublicKey, RefusesOtherTextsWithoutShowingThem) {
  const SecretKey secret = SecretKey::generate();
  const PublicKey key = secret.public_key();
  const std::string secret_text = secret.text_unencrypted();
  const std::string secret_line = secret_text.substr(secret_text.find('\n') + 1);
  const struct {
    std::string text;
    std::string got;
  } cases[] = {
      {"", "0 bytes"},
      {"\n", "1 byte"},
      {"lab.pub", "1 line"},
      {key.line() + "x", "1 line"},
      {key.line() + " ", "1 line"},
      {key.line().substr(1), "1 line"},
      {"Rw" + key.line().substr(2), "1 line, damaged"},
      {"comment: a\n" + key.line(), "2 lines, damaged"},
      {"untrusted comment: " + std::string(1004, 'x') + "\n" + key.line(), "2 lines, damaged"},
      {key.text() + key.line(), "3 lines, damaged"},
      {secret_text, "a secret key"},
      {secret_line, "a secret key"},
      {sign("a", secret, "c"), "a signature"},
      {std::string(100000, 'x'), "100000 bytes"},
  };
  for (const auto& a_case : cases) {
    try {
      PublicKey::parse(a_case.text, "lab.pub");
      ADD_FAILURE() << a_case.text;
    } catch (const Error& error) {
      EXPECT_EQ(error.problems()[0].what, "this is not a public key");
      EXPECT_EQ(error.problems()[0].where, "lab.pub");
      EXPECT_EQ(error.problems()[0].got, a_case.got);
    }
  }
}

TEST(SecretKey, RoundTripsWithAPassphraseAndWithout) {
  const SecretKey key = SecretKey::generate();
  EXPECT_NE(SecretKey::generate().public_key(), key.public_key());
  const std::string longest(1022, 'p');
  for (const std::string& passphrase : {std::string("p"), std::string("caf\xe9 \t"), longest}) {
    const std::string text = key.text_encrypted(passphrase, kCheap);
    EXPECT_TRUE(needs_passphrase(text, "a"));
    EXPECT_NE(key.text_encrypted(passphrase, kCheap), text) << "a salt was used twice";
    const SecretKey read = SecretKey::parse(text, passphrase, "a");
    EXPECT_EQ(read.public_key(), key.public_key());
    EXPECT_EQ(sign("a", read, "c"), sign("a", key, "c"));
  }
  EXPECT_FALSE(needs_passphrase(key.text_unencrypted(), "a"));
  const SecretKey read = SecretKey::parse(replaced(key.text_unencrypted(), "\n", "\r\n"), "", "a");
  EXPECT_EQ(sign("a", read, "c"), sign("a", key, "c"));
}

TEST(SecretKey, LeavesNothingOfAPassphraseThatIsWiped) {
  std::string passphrase = "a passphrase that is too long to be kept in the string itself";
  const char* const bytes = passphrase.data();
  const std::size_t size = passphrase.size();
  wipe(passphrase);
  EXPECT_EQ(passphrase, "");
  EXPECT_EQ(std::string(bytes, size), std::string(size, '\0'));
}

TEST(SecretKey, IsNotOpenedByAnotherPassphrase) {
  const std::string text = SecretKey::generate().text_encrypted(kPassphrase, kCheap);
  for (const std::string& other : {std::string(), std::string("old book"), std::string("Old books"),
                                   std::string("old books "), std::string(100000, 'x')}) {
    EXPECT_EQ(fault_of([&] { SecretKey::parse(text, other, "a"); }),
              "the passphrase does not open the secret key")
        << other;
  }
}

TEST(SecretKey, RefusesAnEncryptedFileWithAnyByteFlipped) {
  const SecretKey key = SecretKey::generate();
  const std::string whole = packed(key.text_encrypted(kPassphrase, kCheap));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    PublicKey read;
    const std::string fault =
        fault_of([&] { read = SecretKey::parse(file_of(flipped), kPassphrase, "a").public_key(); });
    // Limits that come to the same work give the same key.
    const bool is_limit = at >= kLimitsAt && at < kIdAt;
    EXPECT_TRUE(fault != "" || (is_limit && read == key.public_key())) << at;
  }
}

TEST(SecretKey, RefusesAnUnencryptedFileWithAnyByteFlipped) {
  std::string whole = packed(SecretKey::generate().text_unencrypted());
  for (const bool has_checksum : {true, false}) {
    // As `minisign -G -W` leaves it; then nothing says what the id was.
    if (!has_checksum) whole.replace(kChecksumAt, 32, 32, '\0');
    for (std::size_t at = 0; at < whole.size(); ++at) {
      std::string flipped = whole;
      flipped[at] = static_cast<char>(flipped[at] ^ 1);
      const bool is_used = at < 6 || at >= (has_checksum ? kIdAt : kIdAt + 8);
      EXPECT_EQ(fault_of([&] { SecretKey::parse(file_of(flipped), "", "a"); }) != "", is_used)
          << at;
    }
  }
}

// Signing with it would give the seed away.
TEST(SecretKey, RefusesThePublicHalfOfAnotherKey) {
  std::string mixed = packed(SecretKey::generate().text_unencrypted());
  const std::string other = packed(SecretKey::generate().text_unencrypted());
  mixed.replace(kPublicHalfAt, 32, other, kPublicHalfAt, 32);
  mixed.replace(kChecksumAt, 32, 32, '\0');
  EXPECT_EQ(fault_of([&] { SecretKey::parse(file_of(mixed), "", "a"); }),
            "the secret key is damaged");
}

TEST(SecretKey, RefusesFilesThatAskForTooMuchWork) {
  const std::string whole = packed(SecretKey::generate().text_encrypted(kPassphrase, kCheap));
  const struct {
    std::size_t at;
    char byte;
  } cases[] = {{kLimitsAt + 3, 3},
               {kLimitsAt + 7, 1},
               {kLimitsAt + 7, '\xff'},
               {kLimitsAt + 11, 0x41},
               {kLimitsAt + 15, '\x80'}};
  for (const auto& a_case : cases) {
    std::string more = whole;
    more[a_case.at] = a_case.byte;
    EXPECT_EQ(fault_of([&] { SecretKey::parse(file_of(more), kPassphrase, "a"); }),
              "the secret key asks for more work than any of minisign's")
        << a_case.at;
  }
}

TEST(SecretKey, RefusesOtherTexts) {
  const SecretKey key = SecretKey::generate();
  const std::string text = key.text_unencrypted();
  for (std::size_t size = 0; size < text.size() - 1; ++size) {
    EXPECT_EQ(fault_of([&] { SecretKey::parse(text.substr(0, size), "", "a"); }),
              "this is not a secret key")
        << size;
  }
  for (const std::string& other :
       {text + "x", text + text, "x" + text, text.substr(text.find('\n') + 1),
        key.public_key().text(), sign("a", key, "c"), std::string(100000, '\n')}) {
    EXPECT_EQ(fault_of([&] { SecretKey::parse(other, "", "a"); }), "this is not a secret key");
    EXPECT_EQ(fault_of([&] { needs_passphrase(other, "a"); }), "this is not a secret key");
  }
}

TEST(SecretKey, RefusesPassphrasesThatMinisignCannotBeGiven) {
  const SecretKey key = SecretKey::generate();
  for (const std::string& passphrase :
       {std::string(), std::string(1023, 'p'), std::string("a\nb"), std::string("a\0b", 3)}) {
    EXPECT_EQ(fault_of([&] { key.text_encrypted(passphrase, kCheap); }),
              "the passphrase cannot protect a key")
        << passphrase;
  }
}

}  // namespace
}  // namespace pressroom::signing_keys_test
