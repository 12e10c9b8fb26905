#include "hub/blob_download.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <memory>
#include <utility>
#include <vector>

#include "hub/cache_folder.h"
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
    // The NUL behind the header is a part of what git hashes.
    digest.update(head.c_str(), head.size() + 1);
  }
  std::ifstream in(file, std::ios::binary);
  std::vector<char> piece(1 << 20);
  while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())) || in.gcount() > 0) {
    digest.update(piece.data(), static_cast<std::size_t>(in.gcount()));
    if (stop_requested()) throw TransferStopped();
  }
  // The hash of the part that could be read would have a whole file removed as damaged.
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

IncompleteFile::IncompleteFile(std::filesystem::path file, std::string name,
                               std::optional<std::int64_t> size, OnBytes on_bytes)
    : file_(std::move(file)), name_(std::move(name)), size_(size), on_bytes_(std::move(on_bytes)) {
  const int flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
  descriptor_ = ::open(file_.c_str(), flags, 0644);
  // A link, which no download makes: what it leads to is not ours to write.
  if (descriptor_ < 0 && errno == ELOOP && ::unlink(file_.c_str()) == 0) {
    descriptor_ = ::open(file_.c_str(), flags, 0644);
  }
  if (descriptor_ < 0) fail_to_write_cache(file_, errno);
  offset_ = ::lseek(descriptor_, 0, SEEK_END);
  if (offset_ < 0 || (size_ && offset_ > *size_)) clear();
}

IncompleteFile::~IncompleteFile() { ::close(descriptor_); }

void IncompleteFile::begin(const HttpAnswer& answer) {
  if (answer.status == 206) {
    long long first = -1;
    long long last = -1;
    long long total = -1;
    const std::string range = answer.header("content-range");
    const int read = std::sscanf(range.c_str(), "bytes %lld-%lld/%lld", &first, &last, &total);
    if (read < 2 || first != offset_) {
      throw NetworkFailure({"the server sent another part of the file than was asked for", name_,
                            "bytes from " + std::to_string(offset_), range,
                            "check HF_ENDPOINT, or remove " + file_.string()});
    }
    // The total may be "*" (RFC 9110).
    if (read == 3) check_size(total);
    return;
  }
  // A server that knows no ranges sends the whole file: what is there would come twice.
  clear();
  const std::string length = answer.header("content-length");
  if (!length.empty()) check_size(std::strtoll(length.c_str(), nullptr, 10));
}

void IncompleteFile::write(std::string_view bytes) {
  if (size_ && offset_ + static_cast<std::int64_t>(bytes.size()) > *size_) {
    check_size(offset_ + static_cast<std::int64_t>(bytes.size()));
  }
  while (!bytes.empty()) {
    const ssize_t n = ::write(descriptor_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail_to_write_cache(file_, errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
    offset_ += n;
  }
  on_bytes_(offset_);
}

void IncompleteFile::clear() {
  if (::ftruncate(descriptor_, 0) != 0) fail_to_write_cache(file_, errno);
  ::lseek(descriptor_, 0, SEEK_SET);
  offset_ = 0;
}

void IncompleteFile::sync() {
  if (::fsync(descriptor_) != 0) fail_to_write_cache(file_, errno);
}

void IncompleteFile::check_size(std::int64_t size) const {
  if (!size_ || size == *size_) return;
  throw NetworkFailure({"the file has the wrong size", name_, std::to_string(*size_) + " bytes",
                        std::to_string(size) + " bytes",
                        "run the same command again; if it stays so, check HF_ENDPOINT"});
}

namespace {

namespace fs = std::filesystem;

constexpr long kRangeNotSatisfiable = 416;

HttpAnswer nothing_to_do() {
  HttpAnswer answer;
  answer.status = 200;
  return answer;
}

HttpAnswer fetch(const BlobDownload& download, IncompleteFile& file, HttpClient& client) {
  // All bytes came before, and the process ended before they had their name. Asked for more, the
  // server would answer 416, and all of it would be fetched again.
  if (file.offset() > 0 && file.offset() == download.file.size.value_or(-1)) return nothing_to_do();
  HttpAnswer answer = client.download(download.url, file);
  // Where the size is not known, what is there may be all of the file, or more than it.
  if (answer.status == kRangeNotSatisfiable) {
    file.clear();
    answer = client.download(download.url, file);
  }
  return answer;
}

void check_hash(const BlobDownload& download, const fs::path& partial) {
  const std::string& etag = download.file.etag;
  if (!can_be_checked(etag)) {
    return download.on_message(download.file.name +
                               ": the mirror gives no hash, so only its size was checked");
  }
  const std::string hash = hash_like(etag, partial, download.stop_requested);
  if (hash == etag) return;
  std::error_code ignored;
  fs::remove(partial, ignored);
  throw NetworkFailure({"the file is damaged: its hash is wrong", download.file.name, etag, hash,
                        "what was downloaded is removed; run the same command again, and if it "
                        "stays so, check HF_ENDPOINT"});
}

// A rename is on the disk when its folder is.
void sync_blobs(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

bool has_size(const fs::path& file, std::optional<std::int64_t> size) {
  std::error_code missing;
  const std::uintmax_t found = fs::file_size(file, missing);
  return !missing && (!size || found == static_cast<std::uintmax_t>(*size));
}

HttpAnswer download_blob(const BlobDownload& download, HttpClient& client) {
  const FileLock lock(download.lock, download.stop_requested, [&] {
    download.on_message(download.file.name + ": waiting for another download of it");
  });
  // Under the lock: whoever held it until now may have made this blob.
  if (has_size(download.blob, download.file.size)) return nothing_to_do();
  make_cache_folder(download.blob.parent_path());
  fs::path partial = download.blob;
  partial += ".incomplete";
  {
    IncompleteFile file(partial, download.file.name, download.file.size, download.on_bytes);
    HttpAnswer answer = fetch(download, file, client);
    if (answer.status >= 300) {
      std::error_code ignored;
      // Bytes of an earlier attempt stay for the next one: the refusal may be one of access.
      if (file.offset() == 0) fs::remove(partial, ignored);
      return answer;
    }
    file.sync();
  }
  check_hash(download, partial);
  std::error_code failed;
  fs::rename(partial, download.blob, failed);
  if (failed) fail_to_write_cache(download.blob, failed.value());
  sync_blobs(download.blob.parent_path());
  return nothing_to_do();
}

}  // namespace pressroom
