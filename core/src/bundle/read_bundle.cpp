#include <archive.h>
#include <archive_entry.h>

#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "base/file_kinds.h"
#include "base/whole_file.h"
#include "bundle/bundle_archive.h"
#include "bundle/bundle_frame.h"
#include "bundle/member_path.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kTarEndBytes = 1024;  // zeros

struct FreeReader {
  void operator()(archive* reader) const { archive_read_free(reader); }
};

std::string words_of_failure(archive* reader) {
  const char* words = archive_error_string(reader);
  return words == nullptr ? "no tar archive" : words;
}

// The name as it stands there. libarchive has none in the locale's characters where they are not
// ASCII, which is then said of the name.
std::string path_of(archive_entry* entry) {
  const char* path = archive_entry_pathname(entry);
  if (path == nullptr) path = archive_entry_pathname_utf8(entry);
  return path == nullptr ? "\xFF" : path;
}

// Whether it is a file with bytes of its own, and nothing more.
void check_plain(archive_entry* entry, const std::string& path, const std::string& where) {
  const char* kind = nullptr;
  // Of a target that it has no characters for, libarchive gives neither; then it is no file either.
  if (archive_entry_hardlink(entry) != nullptr) kind = "a hard link";
  if (archive_entry_filetype(entry) == AE_IFLNK) kind = "a symbolic link";
  if (archive_entry_sparse_count(entry) > 0) kind = "a file with holes";
  const PathKind file_kind = kind_of(archive_entry_filetype(entry));
  if (kind != nullptr || file_kind != PathKind::kFile) {
    refuse_bundle("something in the bundle is no plain file", where, "files alone",
                  quoted_path(path) + ", " + (kind != nullptr ? kind : words_of(file_kind)));
  }
  const auto mode = archive_entry_perm(entry);
  if (mode == 0644 || mode == 0755) return;
  std::string digits;
  for (int shift = 9; shift >= 0; shift -= 3)
    digits += static_cast<char>('0' + (mode >> shift & 7));
  refuse_bundle("a file of the bundle has another mode", where, "0644, or 0755 to be executed",
                quoted_path(path) + ", " + digits);
}

std::string content_of(archive* reader, archive_entry* entry, const std::string& path,
                       const std::string& where, const BundleLimits& limits) {
  const auto too_large = [&] {
    refuse_bundle("a file of the bundle is too large", where,
                  "at most " + std::to_string(limits.member_bytes) + " bytes", quoted_path(path));
  };
  if (static_cast<std::uint64_t>(archive_entry_size(entry)) > limits.member_bytes) too_large();
  std::string bytes;
  for (;;) {
    const void* piece = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int code = archive_read_data_block(reader, &piece, &size, &offset);
    if (code == ARCHIVE_EOF) return bytes;
    if (code != ARCHIVE_OK) refuse_damaged(where, words_of_failure(reader));
    // Counted, too: the header may say anything.
    if (size > limits.member_bytes - bytes.size()) too_large();
    if (static_cast<std::uint64_t>(offset) != bytes.size()) {
      refuse_damaged(where, quoted_path(path) + " with a hole in it");
    }
    bytes.append(static_cast<const char*>(piece), size);
  }
}

BundleMembers members_of(std::string_view tar, const std::string& where,
                         const BundleLimits& limits) {
  const std::unique_ptr<archive, FreeReader> owner(archive_read_new());
  if (owner == nullptr) throw std::bad_alloc();
  archive* reader = owner.get();
  archive_read_support_format_tar(reader);
  BundleMembers members;
  std::vector<std::string> paths;
  std::size_t end = 0;  // of the last member
  int code = archive_read_open_memory(reader, tar.data(), tar.size());
  for (archive_entry* entry = nullptr;;) {
    if (code == ARCHIVE_OK) code = archive_read_next_header(reader, &entry);
    if (code == ARCHIVE_EOF) break;
    if (code < ARCHIVE_WARN && paths.empty()) {
      refuse_bundle("the file is not a bundle", where, "a tar archive compressed by zstd",
                    "something else in the zstd data: " + words_of_failure(reader));
    }
    if (code < ARCHIVE_WARN) refuse_damaged(where, words_of_failure(reader));
    if (paths.size() == limits.members) {
      refuse_bundle("the bundle has too many files", where,
                    "at most " + std::to_string(limits.members), "more");
    }
    std::string path = path_of(entry);
    check_plain(entry, path, where);
    check_member_path(path, where);
    // A name that cannot be read, mostly; which has been said of it by now if it is the path's.
    if (code != ARCHIVE_OK) refuse_damaged(where, words_of_failure(reader));
    BundleMember member = {content_of(reader, entry, path, where, limits),
                           archive_entry_perm(entry) == 0755};
    paths.push_back(path);
    members.emplace(std::move(path), std::move(member));
    end = static_cast<std::size_t>(archive_filter_bytes(reader, 0));
  }
  check_paths_together(std::move(paths), where);
  // libarchive takes the first zeros for the end, and the end of the bytes, too.
  if (tar.size() < end + kTarEndBytes) refuse_cut(where, "a tar archive without its end");
  if (tar.find_first_not_of('\0', end) != std::string_view::npos) {
    refuse_trailing(where, "the tar archive");
  }
  return members;
}

}  // namespace

BundleMembers parse_bundle(std::string_view bytes, const std::string& where,
                           const BundleLimits& limits) {
  return members_of(unpack_frame(bytes, where, limits), where, limits);
}

std::string bundle_file_bytes(const fs::path& file, const BundleLimits& limits) {
  std::string why;
  std::error_code failed;
  const std::uintmax_t size = fs::file_size(file, failed);
  if (!failed) refuse_large_frame(size, file.string(), limits);  // it need not be read
  std::optional<std::string> bytes = read_regular_file(file, why);
  if (bytes) return *std::move(bytes);
  throw Error({"the bundle cannot be read", file.string(), "a file that can be read", why,
               "check the path and its permissions"});
}

BundleMembers read_bundle(const fs::path& file, const BundleLimits& limits) {
  return parse_bundle(bundle_file_bytes(file, limits), file.string(), limits);
}

}  // namespace pressroom
