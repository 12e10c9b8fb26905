#include <algorithm>
#include <initializer_list>
#include <utility>

#include "base/utf8.h"
#include "bundle/bundle_manifest.h"
#include "bundle/member_path.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

constexpr std::size_t kLongestName = 128;
constexpr std::size_t kMostValueBytes = 100;  // of one that a message quotes

// What a bundle's values have to be, in one place for both ways.
class ManifestRules {
 public:
  explicit ManifestRules(std::string where) : where_(std::move(where)) {}

  void check(const BundleManifest& manifest) const {
    if (!is_plain_name(manifest.name) || manifest.name.size() > kLongestName) {
      refuse("name", "the plugin's name cannot be used",
             "at most 128 lower-case letters, digits and underscores, starting with a letter",
             quoted(manifest.name), "register the plugin under another name");
    }
    line("licence", manifest.licence);
    if (manifest.authors.empty()) {
      refuse("authors", "the bundle has no author", "one at least", "an empty list",
             "say who wrote the plugin");
    }
    for (const std::string& author : manifest.authors) line("authors", author);
    line("summary", manifest.summary);
    if (!manifest.paper.empty()) line("paper", manifest.paper);
    if (!(manifest.sdk.minimum < manifest.sdk.below)) {
      refuse("sdk", "no version of the SDK is in the range", "minimum below \"below\"",
             "from " + manifest.sdk.minimum.text() + ", below " + manifest.sdk.below.text(),
             "exchange the two, or raise \"below\"");
    }
    if (manifest.source) check_commit(manifest.source->commit);
    std::vector<std::string> paths;
    for (const auto& [path, file] : manifest.files) {
      check_file(path, file);
      paths.push_back(path);
    }
    check_paths_together(std::move(paths), where_ + ": files");
  }

 private:
  [[noreturn]] void refuse(const std::string& key, const std::string& what,
                           const std::string& expected, const std::string& got,
                           const std::string& fix) const {
    throw Error({what, where_ + ": " + key, expected, got, fix + ", and make the bundle again"});
  }

  static std::string quoted(const std::string& value) {
    return value.size() <= kMostValueBytes ? '"' + value + '"'
                                           : '"' + value.substr(0, kMostValueBytes) + "...\" (" +
                                                 std::to_string(value.size()) + " bytes)";
  }

  // It will be printed: it may not steer a terminal, nor look like two lines.
  void line(const std::string& key, const std::string& text) const {
    if (!text.empty() && text == printable_line(text)) return;
    refuse(key, "the text cannot be shown",
           "one line of UTF-8, not empty, without control characters", quoted(text),
           "say it in one line");
  }

  static bool is_hex(const std::string& text, std::initializer_list<std::size_t> lengths) {
    return std::find(lengths.begin(), lengths.end(), text.size()) != lengths.end() &&
           text.find_first_not_of("0123456789abcdef") == std::string::npos;
  }

  void check_commit(const std::string& commit) const {
    if (is_hex(commit, {40, 64})) return;
    refuse("source.commit", "this is no commit of git", "40 or 64 lower-case hex digits",
           quoted(commit), "give the commit in full, or leave out \"source\"");
  }

  void check_file(const std::string& path, const BundleFile& file) const {
    check_member_path(path, where_ + ": files");
    const std::string key = "files, " + quoted_path(path);
    if (path == kManifestPath || path == kSignaturePath) {
      refuse(key, "the manifest lists itself or its signature", "every other file", quoted(path),
             "leave it out");
    }
    if (file.bytes < 0) {
      refuse(key, "a file has a size below nothing", "0 bytes or more", std::to_string(file.bytes),
             "count its bytes");
    }
    if (!is_hex(file.sha256, {64})) {
      refuse(key, "this is no SHA-256", "64 lower-case hex digits", quoted(file.sha256),
             "hash the file");
    }
  }

  std::string where_;
};

}  // namespace

void check_bundle_manifest(const BundleManifest& manifest, const std::string& where) {
  ManifestRules(where).check(manifest);
}

}  // namespace pressroom
