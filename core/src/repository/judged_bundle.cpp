#include "repository/judged_bundle.h"

#include <optional>
#include <set>
#include <system_error>

#include "base/sha256.h"
#include "base/whole_file.h"
#include "bundle/bundle_contents.h"
#include "bundle/bundle_frame.h"
#include "bundle/member_path.h"
#include "pressroom/error.h"
#include "repository/signer.h"

namespace pressroom {
namespace {

std::string bytes_of_bundle(const std::filesystem::path& file) {
  std::error_code failed;
  const std::uintmax_t size = std::filesystem::file_size(file, failed);
  if (!failed) refuse_large_frame(size, file.string(), BundleLimits());
  std::string why;
  std::optional<std::string> bytes = read_regular_file(file, why);
  if (bytes) return std::move(*bytes);
  throw Error({"the bundle cannot be read", file.string(), "a file", why, "check the path"});
}

}  // namespace

IndexedBundle indexed_bundle(std::string_view bytes, const BundleManifest& manifest) {
  IndexedBundle entry;
  entry.file = kBundlesFolder + bundle_file_name(manifest);
  entry.bytes = bytes.size();
  entry.sha256 = sha256_hex(bytes);
  entry.name = manifest.name;
  entry.kind = manifest.kind;
  entry.version = manifest.version;
  entry.licence = manifest.licence;
  entry.authors = manifest.authors;
  entry.summary = manifest.summary;
  entry.paper = manifest.paper;
  entry.sdk = manifest.sdk;
  std::set<std::string> variants;
  for (const auto& [path, file] : manifest.files) {
    if (const auto variant = variant_path(path)) variants.insert(variant->variant);
  }
  entry.variants.assign(variants.begin(), variants.end());
  return entry;
}

JudgedBundle judged_bundle(const std::filesystem::path& file, const std::vector<IndexedKey>& keys,
                           UtcTime now) {
  const std::string where = file.string();
  JudgedBundle judged;
  judged.bytes = bytes_of_bundle(file);
  const BundleMembers members = parse_bundle(judged.bytes, where);
  judged.entry = indexed_bundle(judged.bytes, verify_contents(members, where));
  std::vector<PublicKey> signers;
  signers.reserve(keys.size());
  for (const IndexedKey& key : keys) signers.push_back(key.key);
  const PublicKey signer = bundle_signer(members, signers, where);
  if (const auto problem = why_withdrawn(keys, signer, now, where)) throw Error(*problem);
  return judged;
}

}  // namespace pressroom
