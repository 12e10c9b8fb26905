#include "hub/incomplete_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "hub/file_lock.h"

namespace pressroom {

IncompleteFile::IncompleteFile(std::filesystem::path file, std::string name,
                               std::optional<std::int64_t> size, OnBytes on_bytes)
    : file_(std::move(file)), name_(std::move(name)), size_(size), on_bytes_(std::move(on_bytes)) {
  descriptor_ = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
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
    if (read == 3) check_size(total);
    return;
  }
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

}  // namespace pressroom
