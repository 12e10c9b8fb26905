#include "hub/blob_hash.h"

#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <memory>
#include <vector>

#include "hub/http.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

constexpr std::size_t kSha1Digits = 40;
constexpr std::size_t kSha256Digits = 64;

class Digest {
 public:
  explicit Digest(const EVP_MD* kind) : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    PRESSROOM_ASSERT(EVP_DigestInit_ex(context_.get(), kind, nullptr) == 1);
  }
  void update(const char* bytes, std::size_t size) {
    PRESSROOM_ASSERT(EVP_DigestUpdate(context_.get(), bytes, size) == 1);
  }
  std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    PRESSROOM_ASSERT(EVP_DigestFinal_ex(context_.get(), digest.data(), &size) == 1);
    std::string text;
    for (unsigned int i = 0; i < size; ++i) {
      text += {"0123456789abcdef"[digest[i] >> 4], "0123456789abcdef"[digest[i] & 0xf]};
    }
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

bool can_be_checked(const std::string& etag) {
  return (etag.size() == kSha1Digits || etag.size() == kSha256Digits) &&
         etag.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::string hash_like(const std::string& etag, const std::filesystem::path& file,
                      const std::function<bool()>& stop_requested) {
  const bool as_git = etag.size() == kSha1Digits;
  Digest digest(as_git ? EVP_sha1() : EVP_sha256());
  if (as_git) {
    std::error_code missing;
    const std::string head = "blob " + std::to_string(std::filesystem::file_size(file, missing));
    digest.update(head.c_str(), head.size() + 1);
  }
  std::ifstream in(file, std::ios::binary);
  std::vector<char> piece(1 << 20);
  while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())) || in.gcount() > 0) {
    digest.update(piece.data(), static_cast<std::size_t>(in.gcount()));
    if (stop_requested()) throw TransferStopped();
  }
  if (!in.eof() || in.bad()) {
    throw Error({"the download cannot be read back", file.string(), "a readable file", "",
                 "check the disk"});
  }
  return digest.hex();
}

bool is_as_named(const std::string& etag, const std::filesystem::path& file,
                 const std::function<bool()>& stop_requested) {
  return !can_be_checked(etag) || hash_like(etag, file, stop_requested) == etag;
}

}  // namespace pressroom
