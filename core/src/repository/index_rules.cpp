#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/strings.h"
#include "bundle/bundle_manifest.h"
#include "bundle/member_path.h"
#include "pressroom/error.h"
#include "repository/repository_index.h"

namespace pressroom {
namespace {

constexpr const char* kPublishAgain = "ask the repository's maintainer to publish again";

// What the bundles of an index have to be, each and among each other.
class IndexRules {
 public:
  explicit IndexRules(std::string where) : where_(std::move(where)) {}

  void check(const RepositoryIndex& index) {
    if (index.serial < 1 || index.serial > kHighestSerial) {
      refuse("serial", "the serial number is out of range",
             "1 to " + std::to_string(kHighestSerial), std::to_string(index.serial));
    }
    check_indexed_keys(index.keys, where_ + ": keys");
    if (index.bundles.size() > kMostIndexedBundles) {
      refuse("bundles", "there are too many bundles",
             std::to_string(kMostIndexedBundles) + " at most",
             std::to_string(index.bundles.size()));
    }
    for (std::size_t i = 0; i < index.bundles.size(); ++i) {
      check(index.bundles[i], "bundles[" + std::to_string(i) + ']');
    }
  }

 private:
  [[noreturn]] void refuse(const std::string& key, const std::string& what,
                           const std::string& expected, const std::string& got) const {
    throw Error({what, where_ + ": " + key, expected, got, kPublishAgain});
  }

  void check(const IndexedBundle& bundle, const std::string& place) {
    const BundleManifest manifest = manifest_of(bundle);
    check_bundle_manifest(manifest, where_ + ": " + place);
    check_file(bundle, kBundlesFolder + bundle_file_name(manifest), place);
    for (const std::string& variant : bundle.variants) check_variant_name(variant, place);
    std::vector<std::string> variants = bundle.variants;
    std::sort(variants.begin(), variants.end());
    const auto twice = std::adjacent_find(variants.begin(), variants.end());
    if (twice != variants.end()) {
      refuse(place + ".variants", "a variant is there twice", "every variant once", *twice);
    }
    const std::string version = bundle.name + ' ' + bundle.version.text();
    if (!versions_.insert(version).second) {
      refuse(place, "a version of a plugin is there twice", "every version once", version);
    }
    const auto [known, is_new] = kinds_.emplace(bundle.name, bundle.kind);
    if (!is_new && known->second != bundle.kind) {
      refuse(place + ".kind", "a plugin is of two kinds",
             std::string(to_string(known->second)) + ", as another version of it",
             to_string(bundle.kind));
    }
  }

  // The part of a manifest that the index repeats: it is held to the same rules.
  static BundleManifest manifest_of(const IndexedBundle& bundle) {
    BundleManifest manifest;
    manifest.name = bundle.name;
    manifest.kind = bundle.kind;
    manifest.version = bundle.version;
    manifest.licence = bundle.licence;
    manifest.authors = bundle.authors;
    manifest.summary = bundle.summary;
    manifest.paper = bundle.paper;
    manifest.sdk = bundle.sdk;
    return manifest;
  }

  void check_file(const IndexedBundle& bundle, const std::string& file,
                  const std::string& place) const {
    const bool is_below =
        begins_with(bundle.file, kBundlesFolder) && bundle.file.find("..") == std::string::npos;
    if (!is_below) {
      refuse(place + ".file", "a bundle's file is not in the repository's folder of bundles", file,
             quoted_path(bundle.file));
    }
    // One name for each version: two bundles cannot share a file, and none has a path of its own.
    if (bundle.file != file) {
      refuse(place + ".file", "a bundle's file has another name than its plugin", file,
             quoted_path(bundle.file));
    }
    if (bundle.bytes < 1 || bundle.bytes > kMostBundleBytes) {
      refuse(place + ".bytes", "a bundle's size is out of range",
             "1 to " + std::to_string(kMostBundleBytes), std::to_string(bundle.bytes));
    }
    const bool is_hash = bundle.sha256.size() == 64 &&
                         bundle.sha256.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!is_hash) {
      refuse(place + ".sha256", "this is no SHA-256", "64 lower-case hex digits",
             quoted_path(bundle.sha256));
    }
  }

  void check_variant_name(const std::string& variant, const std::string& place) const {
    constexpr std::size_t kLongest = 255;  // bytes, of a folder's name
    const bool is_fine = !variant.empty() && variant.size() <= kLongest && variant != "." &&
                         variant != ".." &&
                         std::all_of(variant.begin(), variant.end(), is_variant_letter);
    if (!is_fine) {
      refuse(place + ".variants", "this is no variant", "letters, digits, \".\", \"_\" and \"-\"",
             quoted_path(variant));
    }
  }

  std::string where_;
  std::set<std::string> versions_;
  std::map<std::string, PluginKind> kinds_;
};

}  // namespace

void check_repository_index(const RepositoryIndex& index, const std::string& where) {
  IndexRules(where).check(index);
}

}  // namespace pressroom
