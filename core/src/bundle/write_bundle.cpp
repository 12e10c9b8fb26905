#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <memory>
#include <new>

#include "base/whole_file.h"
#include "bundle/bundle_archive.h"
#include "bundle/bundle_frame.h"
#include "bundle/member_path.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

constexpr int kMode = 0644;
constexpr int kExecutableMode = 0755;

struct FreeWriter {
  void operator()(archive* writer) const { archive_write_free(writer); }
};

struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

// Called by libarchive, which is C: nothing may be thrown through it.
la_ssize_t append_piece(archive*, void* text, const void* piece, std::size_t size) {
  try {
    static_cast<std::string*>(text)->append(static_cast<const char*>(piece), size);
  } catch (const std::bad_alloc&) {
    return -1;
  }
  return static_cast<la_ssize_t>(size);
}

// What is not said of an entry - times, owners - is zero and empty in the archive.
std::string tar_of(const BundleMembers& members, const std::string& where) {
  std::string tar;
  const std::unique_ptr<archive, FreeWriter> owner(archive_write_new());
  const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
  if (owner == nullptr || entry == nullptr) throw std::bad_alloc();
  archive* writer = owner.get();
  const auto expect = [&](bool is_done) {
    if (is_done) return;
    const char* why = archive_error_string(writer);
    throw Error({"the bundle's archive cannot be made", where, "memory for all of its files",
                 why == nullptr ? "a failure without words" : why, "free some memory"});
  };
  expect(archive_write_set_format_pax_restricted(writer) == ARCHIVE_OK);
  expect(archive_write_add_filter_none(writer) == ARCHIVE_OK);
  expect(archive_write_set_bytes_in_last_block(writer, 1) == ARCHIVE_OK);
  expect(archive_write_open(writer, &tar, nullptr, append_piece, nullptr) == ARCHIVE_OK);
  for (const auto& [path, member] : members) {
    const auto size = static_cast<la_ssize_t>(member.bytes.size());
    archive_entry_clear(entry.get());
    archive_entry_set_pathname(entry.get(), path.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), member.executable ? kExecutableMode : kMode);
    archive_entry_set_size(entry.get(), size);
    expect(archive_write_header(writer, entry.get()) == ARCHIVE_OK);
    expect(archive_write_data(writer, member.bytes.data(), member.bytes.size()) == size);
  }
  expect(archive_write_close(writer) == ARCHIVE_OK);
  return tar;
}

}  // namespace

std::string bundle_bytes(const BundleMembers& members, const std::string& where) {
  std::uint64_t total = 0;
  for (const auto& [path, member] : members) {
    check_member_path(path, where);  // before libarchive takes it to its first NUL
    total += member.bytes.size();
  }
  // The reader would say so, but not before all of it has been compressed.
  const BundleLimits limits;
  if (total > limits.unpacked_bytes) {
    throw Error({"the files are too large for a bundle", where,
                 "at most " + std::to_string(limits.unpacked_bytes) + " bytes together",
                 std::to_string(total), "leave out what the plugin does not need"});
  }
  std::string bytes = pack_frame(tar_of(members, where));
  // Whatever a reader refuses is refused here, in the same words and before anybody has it.
  const BundleMembers read = parse_bundle(bytes, where);
  const auto is_same = [](const auto& a, const auto& b) {
    return a.first == b.first && a.second.bytes == b.second.bytes &&
           a.second.executable == b.second.executable;
  };
  PRESSROOM_ASSERT(std::equal(members.begin(), members.end(), read.begin(), read.end(), is_same));
  return bytes;
}

void write_bundle(const BundleMembers& members, const std::filesystem::path& file) {
  write_file_atomically(file, bundle_bytes(members, file.string()));
}

}  // namespace pressroom
