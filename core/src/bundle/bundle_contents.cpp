#include "bundle/bundle_contents.h"

#include "base/sha256.h"
#include "bundle/member_path.h"
#include "bundle/variant.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

constexpr const char* kMakeItWhole =
    "get the bundle again, or have it made again: its manifest and its files are not of one piece";

[[noreturn]] void refuse_contents(const std::string& what, const std::string& where,
                                  const std::string& expected, const std::string& got) {
  throw Error({what, where, expected, got, kMakeItWhole});
}

bool is_listed(const std::string& path) { return path != kManifestPath && path != kSignaturePath; }

BundleFile listing_of(const BundleMember& member) {
  return {static_cast<std::int64_t>(member.bytes.size()), sha256_hex(member.bytes),
          member.executable};
}

std::string bytes_text(std::int64_t bytes) { return std::to_string(bytes) + " bytes"; }

void check_listed(const std::string& path, const BundleFile& listed, const BundleMembers& members,
                  const std::string& where) {
  const auto found = members.find(path);
  if (found == members.end()) {
    refuse_contents("a file that the manifest lists is missing", where, quoted_path(path),
                    "no such file");
  }
  const std::string place = where + ", " + path;
  const BundleFile there = listing_of(found->second);
  // Before the hash, which says less of what happened to the file.
  if (there.bytes != listed.bytes) {
    refuse_contents("a file has another size than the manifest says", place,
                    bytes_text(listed.bytes), bytes_text(there.bytes));
  }
  if (there.sha256 != listed.sha256) {
    refuse_contents("a file is not the one that the manifest lists", place,
                    "SHA-256 " + listed.sha256, there.sha256);
  }
  if (there.executable != listed.executable) {
    refuse_contents("a file has another mode than the manifest says", place,
                    listed.executable ? "one to be executed" : "one not to be executed",
                    "the other");
  }
}

}  // namespace

std::map<std::string, BundleFile> listed_files(const BundleMembers& members) {
  std::map<std::string, BundleFile> files;
  for (const auto& [path, member] : members) {
    if (is_listed(path)) files.emplace(path, listing_of(member));
  }
  return files;
}

BundleManifest verify_contents(const BundleMembers& members, const std::string& where) {
  for (const char* path : {kManifestPath, kReadmePath, kGoldenPath, kSourceProject}) {
    if (members.count(path) > 0) continue;
    refuse_contents("the bundle lacks a file that every bundle has", where, path, "no such file");
  }
  BundleManifest manifest = parse_bundle_manifest(members.at(kManifestPath).bytes,
                                                  where + ", " + std::string(kManifestPath));
  for (const auto& [path, file] : manifest.files) check_listed(path, file, members, where);
  for (const auto& [path, member] : members) {
    if (!is_listed(path) || manifest.files.count(path) > 0) continue;
    refuse_contents("a file is not in the manifest", where, "the files that it lists, no others",
                    quoted_path(path));
  }
  for (const auto& [path, member] : members) {
    const std::optional<VariantPath> variant = variant_path(path);
    if (variant) check_variant(*variant, member.bytes, manifest, where + ", " + path);
  }
  return manifest;
}

}  // namespace pressroom
