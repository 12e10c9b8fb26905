#include "base/sha256.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "pressroom/error.h"

namespace pressroom::sha256_test {
namespace {

// The examples of FIPS 180-4 and the NIST test vectors.
constexpr const char* kNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr const char* kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr const char* kTwoBlocks =
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";
constexpr const char* kMillionA =
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

TEST(Sha256, GivesThePublishedDigests) {
  EXPECT_EQ(sha256_hex(""), kNothing);
  EXPECT_EQ(sha256_hex("abc"), kAbc);
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), kTwoBlocks);
  EXPECT_EQ(sha256_hex(std::string(1000000, 'a')), kMillionA);
}

TEST(Sha256, DoesNotDependOnHowBytesArePieced) {
  EXPECT_EQ(Sha256().update("a").update("").update("bc").hex(), kAbc);
  EXPECT_EQ(Sha256().hex(), kNothing);
}

TEST(Sha256, HashesFilesOfAnySize) {
  const auto file = std::filesystem::temp_directory_path() / "pressroom_sha256_test";
  for (const std::size_t size : {0, 1, 65535, 65536, 65537, 1000000}) {
    std::ofstream(file, std::ios::binary) << std::string(size, 'a');
    EXPECT_EQ(sha256_file(file), sha256_hex(std::string(size, 'a'))) << size;
  }
  std::filesystem::remove(file);
}

TEST(Sha256, RefusesWhatCannotBeRead) {
  const auto folder = std::filesystem::temp_directory_path();
  EXPECT_THROW(sha256_file(folder), Error);
  EXPECT_THROW(sha256_file(folder / "pressroom_no_such_file"), Error);
}

}  // namespace
}  // namespace pressroom::sha256_test
