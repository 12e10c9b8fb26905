#include <gtest/gtest.h>
#include <sodium.h>

#include <functional>
#include <string>

#include "pressroom/error.h"
#include "signing/secret_key.h"
#include "signing/signature.h"
#include "text_search.h"

namespace pressroom::signing_test {
namespace {

const std::string kMessage = "Of the hundred and two entries that were left\n";

const SecretKey& some_key() {
  static const SecretKey key = SecretKey::generate();
  return key;
}

// What `call` says is wrong; a failure of the test where it throws no Error.
Problem problem_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.problems().at(0);
  }
  ADD_FAILURE() << "no Error was thrown";
  return {};
}

bool verifies(const std::string& bytes, const std::string& signature, const PublicKey& key) {
  try {
    verify(bytes, signature, key, "a");
    return true;
  } catch (const Error&) {
    return false;
  }
}

// `key`'s signature of the bytes themselves, which sign() no longer makes.
Signature legacy_signature(const std::string& bytes, const SecretKey& key) {
  Signature signature;
  signature.prehashed = false;
  signature.key_id = key.public_key().id;
  signature.of_bytes = key.signature_of(bytes);
  signature.of_comment = key.signature_of({reinterpret_cast<char*>(signature.of_bytes.data()), 64});
  return signature;
}

TEST(Signing, RoundTripsBytesAndCommentsOfAnyKind) {
  std::string all_bytes;
  for (int byte = 0; byte < 256; ++byte) all_bytes += static_cast<char>(byte);
  const struct {
    std::string bytes;
    std::string trusted;
    std::string untrusted;
  } cases[] = {
      {"", "", ""},
      {"a", "x", "y"},
      {all_bytes, "timestamp:1\tfile:a b\thashed", "r\u00e9sum\u00e9 \u2013 \U0001F4DA"},
      {std::string(1 << 20, '\0'), std::string(8173, 'c'), std::string(1003, 'u')},
      {kMessage, "trusted comment: untrusted comment: ", " leading and trailing "},
  };
  for (const auto& a_case : cases) {
    const std::string text = sign(a_case.bytes, some_key(), a_case.trusted, a_case.untrusted);
    EXPECT_EQ(verify(a_case.bytes, text, some_key().public_key(), "a"), a_case.trusted);
    EXPECT_EQ(Signature::parse(text, "a").untrusted_comment, a_case.untrusted);
    EXPECT_EQ(Signature::parse(text, "a").text(), text);
    EXPECT_EQ(sign(a_case.bytes, some_key(), a_case.trusted, a_case.untrusted), text);
    EXPECT_EQ(verify(a_case.bytes, replaced(text, "\n", "\r\n"), some_key().public_key(), "a"),
              a_case.trusted);
    EXPECT_TRUE(verifies(a_case.bytes, text.substr(0, text.size() - 1), some_key().public_key()));
    EXPECT_TRUE(verifies(a_case.bytes, text + "\n\r\n", some_key().public_key()));
  }
}

TEST(Signing, TakesLegacySignatures) {
  const std::string text = legacy_signature(kMessage, some_key()).text();
  EXPECT_EQ(verify(kMessage, text, some_key().public_key(), "a"), "");
  EXPECT_FALSE(verifies(kMessage + "x", text, some_key().public_key()));
}

// The mark that tells the two kinds apart is not signed.
TEST(Signing, RefusesTheHashOfAFileInPlaceOfTheFile) {
  std::string hash(64, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), 64,
                     reinterpret_cast<const unsigned char*>(kMessage.data()), kMessage.size(),
                     nullptr, 0);
  Signature signature = Signature::parse(sign(kMessage, some_key(), "c"), "a");
  signature.prehashed = false;
  const Problem problem =
      problem_of([&] { verify(hash, signature.text(), some_key().public_key(), "a"); });
  EXPECT_EQ(problem.what, "a legacy signature of 64 bytes may be one of another file");
  EXPECT_TRUE(verifies(hash + "x", legacy_signature(hash + "x", some_key()).text(),
                       some_key().public_key()));
}

// Each byte made each other one. Libsodium alone takes some bytes above 127 for characters of
// base64.
TEST(Signing, RefusesASignatureWithAnyByteChanged) {
  const std::string text = sign(kMessage, some_key(), "a trusted comment", "an untrusted one");
  const std::size_t untrusted_from = std::string("untrusted comment: ").size();
  const std::size_t untrusted_to = text.find('\n');
  for (std::size_t at = 0; at < text.size() - 1; ++at) {
    for (int change = 1; change < 256; ++change) {
      std::string changed = text;
      changed[at] = static_cast<char>(changed[at] ^ change);
      const bool may_change = at >= untrusted_from && at < untrusted_to && changed[at] != '\n';
      ASSERT_EQ(verifies(kMessage, changed, some_key().public_key()), may_change)
          << "byte " << at << ": " << static_cast<int>(text[at] ^ change);
    }
  }
}

TEST(Signing, RefusesAMessageWithAnyBitFlipped) {
  for (const bool legacy : {false, true}) {
    const std::string text =
        legacy ? legacy_signature(kMessage, some_key()).text() : sign(kMessage, some_key(), "c");
    for (std::size_t at = 0; at < 8 * kMessage.size(); ++at) {
      std::string flipped = kMessage;
      flipped[at / 8] = static_cast<char>(flipped[at / 8] ^ 1 << at % 8);
      EXPECT_FALSE(verifies(flipped, text, some_key().public_key())) << at;
    }
    EXPECT_FALSE(verifies(kMessage + '\0', text, some_key().public_key()));
    EXPECT_FALSE(verifies(kMessage.substr(1), text, some_key().public_key()));
    EXPECT_FALSE(verifies("", text, some_key().public_key()));
  }
}

TEST(Signing, RefusesTextsThatAreCutShortOrAddedTo) {
  const std::string text = sign(kMessage, some_key(), "a trusted comment");
  for (std::size_t size = 0; size < text.size() - 1; ++size) {
    EXPECT_FALSE(verifies(kMessage, text.substr(0, size), some_key().public_key())) << size;
  }
  for (const std::string& added : {std::string("x"), std::string("x\n"), text, std::string("\0", 1),
                                   std::string(20000, '\n')}) {
    EXPECT_FALSE(verifies(kMessage, text + added, some_key().public_key())) << added;
    EXPECT_FALSE(verifies(kMessage, added + text, some_key().public_key())) << added;
  }
}

TEST(Signing, SaysWhatIsWrong) {
  const SecretKey other = SecretKey::generate();
  const PublicKey key = some_key().public_key();
  PublicKey same_id = other.public_key();
  same_id.id = key.id;
  const std::string good = sign(kMessage, some_key(), "eight documents");
  const std::string ours = "key " + key_id_text(key.id);
  const struct {
    std::string bytes;
    std::string signature;
    PublicKey key;
    const char* what;
    std::string expected_has;
    std::string got_has;
  } cases[] = {
      {kMessage, "", key, "this is not a signature", "four lines", "0 bytes"},
      {kMessage, std::string(1 << 20, 'x'), key, "this is not a signature", "", "1048576 bytes"},
      {kMessage, kMessage, key, "this is not a signature", "", "1 line"},
      {kMessage, key.text(), key, "this is not a signature", "", "a public key"},
      {kMessage, some_key().text_unencrypted(), key, "this is not a signature", "", "a secret key"},
      {kMessage, replaced(good, "=", "*"), key, "this is not a signature", "", "4 lines, damaged"},
      {kMessage, good, other.public_key(), "signed by another key",
       "key " + key_id_text(other.public_key().id), ours},
      {kMessage + "x", good, key, "the bytes are not those that were signed", ours, "47 bytes"},
      {kMessage, good, same_id, "the bytes are not those that were signed", ours, "46 bytes"},
      {kMessage, replaced(good, "eight", "seven"), key, "the trusted comment was altered", ours,
       "\"seven documents\""},
  };
  for (const auto& a_case : cases) {
    const Problem problem =
        problem_of([&] { verify(a_case.bytes, a_case.signature, a_case.key, "results.minisig"); });
    EXPECT_EQ(problem.what, a_case.what);
    EXPECT_EQ(problem.where, "results.minisig");
    EXPECT_TRUE(has(problem.expected, a_case.expected_has)) << problem.text();
    EXPECT_TRUE(has(problem.got, a_case.got_has)) << problem.text();
    EXPECT_NE(problem.fix, "");
  }
}

TEST(Signing, RefusesCommentsThatCouldNotBeReadAgain) {
  const struct {
    std::string trusted;
    std::string untrusted;
    const char* what;
    const char* where;
  } cases[] = {
      {std::string(8174, 'x'), "", "the comment is too long to be read again",
       "the trusted comment"},
      {"", std::string(1004, 'x'), "the comment is too long to be read again",
       "the untrusted comment"},
      {"a\nb", "", "the comment is not one line of text", "the trusted comment"},
      {"a\r", "", "the comment is not one line of text", "the trusted comment"},
      {"\x1b[31m", "", "the comment is not one line of text", "the trusted comment"},
      {std::string("a\0b", 3), "", "the comment is not one line of text", "the trusted comment"},
      {"caf\xe9", "", "the comment is not one line of text", "the trusted comment"},
      {"", "a\nb", "the comment is not one line of text", "the untrusted comment"},
  };
  for (const auto& a_case : cases) {
    const Problem problem =
        problem_of([&] { sign(kMessage, some_key(), a_case.trusted, a_case.untrusted); });
    EXPECT_EQ(problem.what, a_case.what);
    EXPECT_EQ(problem.where, a_case.where);
  }
}

}  // namespace
}  // namespace pressroom::signing_test
