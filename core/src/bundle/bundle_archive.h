// A bundle as a file: the files of a plugin in one tar archive, compressed by zstd.
//
//   BundleMembers members;
//   members["README.md"] = {read_me, false};
//   write_bundle(members, "h2o-1.1.0.press.tar.zst");
//   read_bundle("h2o-1.1.0.press.tar.zst").at("README.md").bytes;
//
// The same files make the same bytes, wherever, whenever and by whomever they are written: names in
// order, no times, no owners, modes 0644 and 0755, one level and one thread of zstd. (Another
// version of libzstd may compress otherwise. What is signed, the manifest, is the same.)
//
// A bundle comes from strangers, so everything is read into memory and looked at there: whoever
// unpacks it gets names and bytes that have been judged. What the files say of each other is judged
// by verify_contents (bundle_contents.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace pressroom {

struct BundleMember {
  std::string bytes;
  bool executable = false;
};

using BundleMembers = std::map<std::string, BundleMember>;  // by path, as in member_path.h

// The most that a bundle may hold, and take to hold it.
struct BundleLimits {
  std::size_t members = 10'000;
  std::uint64_t member_bytes = std::uint64_t{256} << 20;
  std::uint64_t unpacked_bytes = std::uint64_t{1} << 30;  // of the archive, headers included
  std::uint64_t expansion = 1000;                         // its bytes for each byte of the file
};

// Writes the bundle so that it is there whole or not at all. Throws Error where it cannot be
// written, and for members that read_bundle would refuse.
void write_bundle(const BundleMembers& members, const std::filesystem::path& file);

// The members of a bundle. Nothing is written anywhere. Throws Error, which says what is wrong, for
//
// - what is no regular file, is no single zstd frame with a tar archive in it, is cut short or is
//   followed by anything;
// - more than `limits` allow, found while it is unpacked, whatever its headers say;
// - members that are no plain files (links, folders, devices, pipes, sockets, files with holes), or
//   whose mode is another than 0644 and 0755;
// - names that check_member_path and check_paths_together (member_path.h) refuse.
//
// Takes memory for the file, the archive in it and the members of that, all three at once.
BundleMembers read_bundle(const std::filesystem::path& file, const BundleLimits& limits = {});

// The bytes of a file that may be a bundle. Throws Error for what is no regular file, cannot be
// read or is larger than any bundle: that is not read.
std::string bundle_file_bytes(const std::filesystem::path& file, const BundleLimits& limits = {});

// The same without a file; `where` names the bundle in messages.
std::string bundle_bytes(const BundleMembers& members, const std::string& where);
BundleMembers parse_bundle(std::string_view bytes, const std::string& where,
                           const BundleLimits& limits = {});

}  // namespace pressroom
