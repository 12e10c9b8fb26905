#include "store/unpacked_bundle.h"

#include <optional>
#include <set>
#include <string_view>

#include "base/sha256.h"
#include "base/whole_file.h"
#include "bundle/bundle_contents.h"
#include "bundle/member_path.h"
#include "store/home_files.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSumsPath = "manifest.sha256";
constexpr std::size_t kMostSumsBytes = 4096;

BundleFile file_facts(std::string_view bytes, bool executable = false) {
  return {static_cast<std::int64_t>(bytes.size()), sha256_hex(bytes), executable};
}

// manifest.sha256 for these files.
std::string sums_text(const UnpackedFiles& files) {
  std::string text;
  for (const char* path : {kManifestPath, kSignaturePath}) {
    const auto file = files.find(path);
    if (file != files.end()) text += file->second.sha256 + "  " + path + "\n";
  }
  return text;
}

// What the lines of manifest.sha256 say; nothing where it is not as unpack_bundle writes it.
std::map<std::string, std::string> hashes_in(const std::string& sums) {
  std::map<std::string, std::string> hashes;
  std::size_t at = 0;
  for (const std::string path : {kManifestPath, kSignaturePath}) {
    const std::string end = "  " + path + "\n";
    if (at == sums.size() && path == kSignaturePath) break;
    const std::string hash = sums.substr(at, 64);
    if (!is_sha256(hash) || sums.compare(at + 64, end.size(), end) != 0) return {};
    hashes[path] = hash;
    at += 64 + end.size();
  }
  return at == sums.size() ? hashes : std::map<std::string, std::string>();
}

}  // namespace

void unpack_bundle(const BundleMembers& members, const fs::path& folder) {
  std::set<fs::path> folders;
  std::vector<fs::path> files;
  const auto make = [&](const fs::path& inside) {
    if (folders.insert(inside).second) make_home_folder(inside);
  };
  const auto write = [&](const std::string& path, std::string_view bytes, bool executable) {
    fs::path parent = folder;
    for (const fs::path& part : fs::path(path).parent_path()) make(parent /= part);
    files.push_back(folder / path);
    write_new_file(files.back(), bytes, executable ? kReadOnlyProgram : kReadOnly);
  };
  make(folder);
  for (const auto& [path, member] : members) write(path, member.bytes, member.executable);
  write(kSumsPath, sums_text(unpacked_files(members)), false);
  sync_files(files);
  for (const fs::path& inside : folders) sync_folder(inside);
}

UnpackedFiles unpacked_files(const BundleMembers& members) {
  UnpackedFiles files = listed_files(members);
  for (const char* path : {kManifestPath, kSignaturePath}) {
    const auto member = members.find(path);
    if (member != members.end()) files[path] = file_facts(member->second.bytes);
  }
  files[kSumsPath] = file_facts(sums_text(files));
  return files;
}

UnpackedFiles unpacked_files(const fs::path& folder, std::vector<Problem>& problems) {
  UnpackedFiles files;
  try {
    files = unpacked_manifest(folder).files;
  } catch (const Error& error) {
    problems.insert(problems.end(), error.problems().begin(), error.problems().end());
  }
  std::string why;
  const std::string sums = read_home_file(folder / kSumsPath, kMostSumsBytes, why).value_or("");
  files[kSumsPath] = file_facts(sums);
  const std::map<std::string, std::string> hashes = hashes_in(sums);
  for (const auto& [path, hash] : hashes) files[path] = {kAnySize, hash, false};
  if (hashes.empty()) {
    problems.push_back({"the hash of the bundle's manifest cannot be read",
                        (folder / kSumsPath).string(), "lines as sha256sum writes them",
                        why.empty() ? "something else" : why, kInstallAgain});
  }
  return files;
}

BundleManifest unpacked_manifest(const fs::path& folder) {
  const fs::path file = folder / kManifestPath;
  std::string why;
  const std::optional<std::string> bytes = read_home_file(file, kMostManifestBytes, why);
  if (bytes) return parse_bundle_manifest(*bytes, file.string());
  throw Error({"the bundle's manifest cannot be read", file.string(), "a file as it was unpacked",
               why, kInstallAgain});
}

}  // namespace pressroom
