// Against minisign itself: texts that it made, and the program where it is installed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "pressroom/error.h"
#include "scratch_folder.h"
#include "signing/secret_key.h"
#include "signing/signature.h"

namespace pressroom::signing_minisign_test {
namespace {

// Made by minisign 0.11 of Debian 12, once and for all:
//
//   minisign -G -W -p lab.pub -s lab.key                         kLabPub, kLabKey
//   minisign -G -p locked.pub -s locked.key                      kLockedKey, of "old books"
//   minisign -C -W -s locked.key                                 kUnlockedKey
//   minisign -S -s lab.key -m message.txt -t 'campaign a, 8 documents – café'          kSigned
//   minisign -S -l -s lab.key -m message.txt -c 'signed long ago' -t 'the old way'     kLegacy
//   minisign -S -s lab.key -m empty -t nothing                                         kOfNothing
//   minisign -S -s locked.key -m message.txt -t 'by the other key'                     kByLocked
constexpr char kMessage[] = "Of the hundred and two entries that were left\n";

constexpr char kLabPub[] =
    "untrusted comment: minisign public key 60FCDDEC3E6EFE46\n"
    "RWRG/m4+7N38YBrebkmqPs5uRdu6SjKBlTRUWWHCXfG3TnJo/hn/1TdL\n";
constexpr char kLockedPub[] =
    "untrusted comment: minisign public key 6B20FCB21DB5ACC1\n"
    "RWTBrLUdsvwga3PWVpySXH/RP0c8xCRmNc7wOoC4Kotm8QB8rKkEtNg1\n";
constexpr char kLabKey[] =
    "untrusted comment: minisign encrypted secret key\n"
    "RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAARv5uPuzd/GCtFHSXVWXF"
    "KY08An7eaD5qMPwSfuimgQHZMwU+xUdJ/RrebkmqPs5uRdu6SjKBlTRUWWHCXfG3TnJo/hn/"
    "1TdLAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAA=\n";
constexpr char kLockedKey[] =
    "untrusted comment: minisign encrypted secret key\n"
    "RWRTY0IyWru85Ezn3+"
    "0d5SOWG8L3aeuwoBdCudNrupUJRc9NowkAAAACAAAAAAAAAEAAAAAAwPkvcpqUkiHZQRGArtXxM8kC"
    "bXSa/nyjVBqIDEPcAjaSHcrG+HyhJWnC+X/"
    "1vlSqJaicZCLUpmJkiEktLlQtCttIctIiknRgQnBuMjQiOh1p8UJVXR7hZKsH"
    "LrnhwK/EWo3gpVz3cVM=\n";
constexpr char kUnlockedKey[] =
    "untrusted comment: minisign encrypted secret key\n"
    "RWQAAEIyWru85Ezn3+"
    "0d5SOWG8L3aeuwoBdCudNrupUJRc9NowkAAAACAAAAAAAAAEAAAAAAway1HbL8IGvuEq8hxZxpCP+Q"
    "smwCz95Gs375rDyRMvE/wqLvAOtsVHPWVpySXH/"
    "RP0c8xCRmNc7wOoC4Kotm8QB8rKkEtNg1DgwzBDjds72U3n14w+aaTnWT"
    "yqdXvCOVPvMrfSCKAnI=\n";

constexpr char kSigned[] =
    "untrusted comment: signature from minisign secret key\n"
    "RURG/m4+7N38YCRKMfmh6PeZ/GLlXIZFjeQHpkBCf4YOtuS4/x+zPjSMNez6Md8Vti6xlQcIw7uiKW5UYHBBq8v4YlZw/"
    "eO6"
    "+AY=\n"
    "trusted comment: campaign a, 8 documents \u2013 caf\u00e9\n"
    "P1NQ8HxnH21lCcOg7V1YRi1sal7h/E0pY4kAdRHq6fMHj5FBPs/b+E/Rwxqu1NzYHHwzmK3LYgnuv94vi425Dw==\n";
constexpr char kLegacy[] =
    "untrusted comment: signed long ago\n"
    "RWRG/"
    "m4+7N38YFmy9jrq3SaRuJ9CHhYs693EVgdewRxwORZ6QtflIzznH9VeWTeda2rwl6flMiJQRVDmA4XeUQXv21bWrSeb"
    "1QE=\n"
    "trusted comment: the old way\n"
    "0Rfpn75mk3MWanZOBA0x6C8bUYLTvFyMt2xYfVA1cU4o17jtv+XId7L3YKpB9f5x5/xlwuq1hLnsCDsdfqgfDg==\n";
constexpr char kOfNothing[] =
    "untrusted comment: signature from minisign secret key\n"
    "RURG/"
    "m4+7N38YIQK4zQlNKoMOUTEQeVWIidCOkfMOmIoJ00+1u2aQ0y7OXyGDOjxOw6RU5OFqKZYr04tZnq3YXPMWGEE0IkT"
    "XQg=\n"
    "trusted comment: nothing\n"
    "xwMubXWjAKK+g6a305K8eMQ20d/zdLoE0U6ehrDgh5muiXsQyDd7LYhO3vqeQwYRZPesNPl5abvOWFX8ccjMAQ==\n";
constexpr char kByLocked[] =
    "untrusted comment: signature from minisign secret key\n"
    "RUTBrLUdsvwga56lnZLKfcdsLxHF7L2WaIL4l0G5PFHmIbIBjNwNTQVvrpPun3ayl9FRHWY4fFyllbgvZXukObeyiT6ULC"
    "JC"
    "yQk=\n"
    "trusted comment: by the other key\n"
    "2K4qpFVxU4riCWXZNkjBFaQ5i1dQOAV6USnULWuQ2tVI6lwNasKhjwJX8NISIirpyzPj1zfE5seJ5PG9CJqBDQ==\n";

TEST(MinisignTexts, AreVerified) {
  const struct {
    const char* bytes;
    const char* signature;
    const char* key;
    const char* comment;
  } cases[] = {
      {kMessage, kSigned, kLabPub, "campaign a, 8 documents \u2013 caf\u00e9"},
      {kMessage, kLegacy, kLabPub, "the old way"},
      {"", kOfNothing, kLabPub, "nothing"},
      {kMessage, kByLocked, kLockedPub, "by the other key"},
  };
  for (const auto& a_case : cases) {
    const PublicKey key = PublicKey::parse(a_case.key, "a");
    EXPECT_EQ(key.text(), a_case.key);
    EXPECT_EQ(verify(a_case.bytes, a_case.signature, key, "a"), a_case.comment);
    EXPECT_EQ(Signature::parse(a_case.signature, "a").text(), a_case.signature);
  }
}

TEST(MinisignTexts, AreWhatSigningGives) {
  const SecretKey lab = SecretKey::parse(kLabKey, "", "a");
  EXPECT_EQ(lab.public_key().text(), kLabPub);
  EXPECT_EQ(sign(kMessage, lab, "campaign a, 8 documents \u2013 caf\u00e9"), kSigned);
  EXPECT_EQ(sign("", lab, "nothing"), kOfNothing);
  // With the limits that minisign takes.
  const SecretKey locked = SecretKey::parse(kLockedKey, "old books", "a");
  EXPECT_EQ(locked.public_key().text(), kLockedPub);
  EXPECT_EQ(sign(kMessage, locked, "by the other key"), kByLocked);
  const SecretKey unlocked = SecretKey::parse(kUnlockedKey, "", "a");
  EXPECT_EQ(sign(kMessage, unlocked, "by the other key"), kByLocked);
  EXPECT_EQ(unlocked.text_unencrypted(), locked.text_unencrypted());
}

class MinisignProgram : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::system("command -v minisign > /dev/null 2>&1") != 0) {
      GTEST_SKIP() << "NOT TESTED: signatures against minisign itself: it is not installed";
    }
  }

  // Whether `minisign ARGUMENTS`, given `lines` to read, says that all is well. It runs in the
  // folder of the test, and reads passphrases from standard input where that is no terminal.
  bool minisign(const std::string& arguments, const std::string& lines = "") {
    write("lines", lines);
    return std::system(("cd '" + folder_.path().string() + "' && minisign " + arguments +
                        " < lines > output 2> messages")
                           .c_str()) == 0;
  }

  void write(const std::string& name, const std::string& text) {
    write_file(folder_.path() / name, text);
  }
  std::string read(const std::string& name) { return read_file(folder_.path() / name); }

  ScratchFolder folder_;
};

TEST_F(MinisignProgram, TakesOurKeysAndSignatures) {
  const SecretKey key = SecretKey::generate();
  write("lab.pub", key.public_key().text());
  // Its own comments are of 4,077 bytes at most; it reads longer ones.
  for (const std::string& comment : {std::string("eight documents"), std::string(),
                                     std::string("caf\u00e9\ttab"), std::string(8173, 'c')}) {
    for (const std::string& bytes :
         {std::string(), std::string(kMessage), std::string(3000, '\0')}) {
      write("message", bytes);
      write("message.minisig", sign(bytes, key, comment, std::string(1003, 'u')));
      EXPECT_TRUE(minisign("-V -Q -H -p lab.pub -m message")) << read("messages");
      EXPECT_EQ(read("output"), comment + "\n");
      EXPECT_TRUE(minisign("-V -P " + key.public_key().line() + " -m message"));
      write("message", bytes + "x");
      EXPECT_FALSE(minisign("-V -p lab.pub -m message"));
    }
  }
}

TEST_F(MinisignProgram, SignsWithOurSecretKeys) {
  const SecretKey key = SecretKey::generate();
  write("message", kMessage);
  write("plain.key", key.text_unencrypted());
  write("locked.key", key.text_encrypted("old books", {1 << 15, 1 << 24}));
  for (const char* name : {"plain.key", "locked.key"}) {
    const std::string file = name;
    ASSERT_TRUE(minisign("-S -s " + file + " -m message -t comment -x it", "old books\n"))
        << read("messages");
    EXPECT_EQ(verify(kMessage, read("it"), key.public_key(), "it"), "comment");
    // From a secret key it makes the public one.
    ASSERT_TRUE(minisign("-R -f -s " + file + " -p again.pub", "old books\n")) << read("messages");
    EXPECT_EQ(PublicKey::parse(read("again.pub"), "again.pub"), key.public_key());
  }
  EXPECT_FALSE(minisign("-S -s locked.key -m message -x it", "new books\n"));
}

TEST_F(MinisignProgram, MakesKeysAndSignaturesThatWeTake) {
  write("message", kMessage);
  for (const bool with_passphrase : {true, false}) {
    const std::string passphrase = with_passphrase ? "caf\xc3\xa9 au lait" : "";
    ASSERT_TRUE(
        minisign(with_passphrase ? "-G -f -p lab.pub -s lab.key" : "-G -f -W -p lab.pub -s lab.key",
                 passphrase + "\n" + passphrase + "\n"))
        << read("messages");
    const PublicKey public_key = PublicKey::parse(read("lab.pub"), "lab.pub");
    EXPECT_EQ(needs_passphrase(read("lab.key"), "lab.key"), with_passphrase);
    const SecretKey key = SecretKey::parse(read("lab.key"), passphrase, "lab.key");
    EXPECT_EQ(key.public_key(), public_key);
    write("message.minisig", sign(kMessage, key, "ours"));
    EXPECT_TRUE(minisign("-V -p lab.pub -m message")) << read("messages");
  }
  // The second key has no passphrase.
  const PublicKey public_key = PublicKey::parse(read("lab.pub"), "lab.pub");
  for (const char* arguments : {"", "-l", "-H", "-c '' -t 'theirs'"}) {
    ASSERT_TRUE(minisign(std::string("-S -s lab.key -m message -x theirs ") + arguments));
    const std::string comment = verify(kMessage, read("theirs"), public_key, "theirs");
    EXPECT_NE(comment, "");
    EXPECT_EQ(Signature::parse(read("theirs"), "theirs").text(), read("theirs"));
  }
}

}  // namespace
}  // namespace pressroom::signing_minisign_test
