#include "repository/folder_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/file_kinds.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

class OpenedFile {
 public:
  explicit OpenedFile(int number) : number_(number) {}
  ~OpenedFile() {
    const int code = errno;  // of what was done with it
    if (number_ >= 0) ::close(number_);
    errno = code;
  }
  OpenedFile(OpenedFile&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  OpenedFile& operator=(OpenedFile&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }

  int number() const { return number_; }

 private:
  int number_;
};

class FolderSource : public RepositorySource {
 public:
  explicit FolderSource(std::string folder) : folder_(std::move(folder)) {}

  std::optional<std::string> read(const std::string& path, std::uint64_t most_bytes) override {
    // A file of NFS that another machine has replaced is stale until it is opened anew.
    constexpr int kTries = 3;
    for (int i = 1;; ++i) {
      const OpenedFile file = open(path);
      if (file.number() < 0 && errno == ENOENT) return std::nullopt;
      std::string bytes;
      if (file.number() >= 0 && take(file, path, most_bytes, bytes)) return bytes;
      if (errno != ESTALE || i == kTries) refuse(path, "a file that can be read", failure());
    }
  }

  std::string where(const std::string& path) const override { return folder_ + '/' + path; }

 private:
  static std::string failure() { return std::strerror(errno); }

  [[noreturn]] void refuse(const std::string& path, const std::string& expected,
                           const std::string& got) const {
    throw Error({"a file of the repository cannot be read", where(path), expected, got,
                 "ask who keeps the repository what has happened to it"});
  }

  // One name after the other, so that a link in the place of a folder is not followed either.
  OpenedFile open(const std::string& path) const {
    OpenedFile folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.number() < 0) {
      throw Error({"the repository's folder cannot be opened", folder_, "a folder that can be read",
                   failure(), "check the path, and that the file server it is on is mounted"});
    }
    std::string_view rest = path;
    for (std::size_t slash = rest.find('/'); slash != std::string_view::npos;
         slash = rest.find('/')) {
      const std::string name(rest.substr(0, slash));
      folder = open_in(folder, name, O_DIRECTORY, path);
      if (folder.number() < 0) return folder;
      rest.remove_prefix(slash + 1);
    }
    // O_NONBLOCK: a pipe in the file's place is not waited for.
    return open_in(folder, std::string(rest), O_NONBLOCK | O_NOCTTY, path);
  }

  OpenedFile open_in(const OpenedFile& folder, const std::string& name, int flags,
                     const std::string& path) const {
    PRESSROOM_ASSERT(!name.empty() && name != "." && name != "..");
    OpenedFile opened(
        ::openat(folder.number(), name.c_str(), flags | O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    const int code = errno;
    struct stat there = {};
    const bool is_link =
        opened.number() < 0 && (code == ELOOP || code == ENOTDIR) &&
        ::fstatat(folder.number(), name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISLNK(there.st_mode);
    if (is_link)
      refuse(path, "files and folders, none of them a link", '"' + name + "\" is a link");
    errno = code;
    return opened;
  }

  // False, with the reason in errno, where it cannot be read.
  bool take(const OpenedFile& file, const std::string& path, std::uint64_t most_bytes,
            std::string& bytes) const {
    struct stat status = {};
    if (::fstat(file.number(), &status) != 0) return false;
    if (!S_ISREG(status.st_mode)) {
      refuse(path, "a regular file", words_of(kind_of(status.st_mode)));
    }
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size > most_bytes) refuse_large(path, most_bytes, std::to_string(size) + " bytes");
    // One byte more than it has: the read that finds its end needs room.
    bytes.resize(static_cast<std::size_t>(std::min(size, most_bytes)) + 1);
    std::size_t done = 0;
    for (;;) {
      const ssize_t count = ::read(file.number(), bytes.data() + done, bytes.size() - done);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return false;
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
      // It is growing, as nothing in a repository does.
      if (done > most_bytes) refuse_large(path, most_bytes, "more");
      if (done == bytes.size()) bytes.resize(2 * done);
    }
    bytes.resize(done);
    return true;
  }

  [[noreturn]] void refuse_large(const std::string& path, std::uint64_t most_bytes,
                                 const std::string& got) const {
    throw Error({"a file of the repository is too large", where(path),
                 "at most " + std::to_string(most_bytes) + " bytes", got,
                 "ask who keeps the repository what has happened to it"});
  }

  std::string folder_;
};

}  // namespace

std::unique_ptr<RepositorySource> open_folder_source(const std::string& folder) {
  return std::make_unique<FolderSource>(folder);
}

}  // namespace pressroom
