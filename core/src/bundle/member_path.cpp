#include "bundle/member_path.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/strings.h"
#include "plugin/manifest.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

constexpr std::size_t kLongestComponent = 255;  // of most file systems
constexpr std::size_t kLongestPath = 4096;
constexpr std::string_view kSharedObject = ".so";
constexpr const char* kNameItOtherwise =
    "name it otherwise or leave it out, and make the bundle again; do not use one that came so "
    "from somebody else";

[[noreturn]] void refuse_path(const std::string& what, const std::string& where,
                              const std::string& expected, const std::string& got) {
  throw Error({what, where, expected, got, kNameItOtherwise});
}

void check_component(std::string_view component, std::string_view path, const std::string& where) {
  if (component.empty()) {
    refuse_path("a file's name has an empty part", where,
                "one slash between two names, none at either end", quoted_path(path));
  }
  if (component == "..") {
    refuse_path("a file's name leads out of the bundle", where, "a path without \"..\"",
                quoted_path(path));
  }
  if (component == ".") {
    refuse_path("a file's name has a \".\" in it", where, "a path without it", quoted_path(path));
  }
  if (component.size() > kLongestComponent) {
    refuse_path("a file's name is too long", where,
                "at most " + std::to_string(kLongestComponent) + " bytes between two slashes",
                std::to_string(component.size()) + " bytes: " + quoted_path(path));
  }
}

// Whether it leads anywhere but into the folder it is unpacked into, on any system.
void check_safe(std::string_view path, const std::string& where) {
  const std::string got = quoted_path(path);
  if (path.empty()) refuse_path("a file has no name", where, "a name", got);
  if (path.size() > kLongestPath) {
    refuse_path("a file's name is too long", where,
                "at most " + std::to_string(kLongestPath) + " bytes",
                std::to_string(path.size()) + " bytes: " + got);
  }
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      refuse_path("a file's name has a control character in it", where, "characters that show",
                  got);
    }
    // One name in two spellings of Unicode is one file on some systems and two on others.
    if (byte > 0x7F) refuse_path("a file's name is not ASCII", where, "an ASCII name", got);
    if (c == '\\') {
      refuse_path("a file's name has a backslash in it", where, "slashes between its parts", got);
    }
  }
  if (path[0] == '/') refuse_path("a file's name is absolute", where, "a relative path", got);
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    check_component(path.substr(start, end - start), path, where);
    start = end + 1;
  }
}

char lower(char c) { return 'A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// One text for all paths that some system takes for one. A slash comes before every other
// character, so that in order a folder is followed by what is in it.
std::string folded(std::string path) {
  for (char& c : path) c = c == '/' ? '\x01' : lower(c);
  return path;
}

// The bytes of the folders that `a` and `b`, both folded, have in common.
std::size_t shared_folders(const std::string& a, const std::string& b) {
  const std::size_t most = std::min(a.size(), b.size());
  std::size_t shared = 0;
  for (std::size_t i = 0; i < most && a[i] == b[i]; ++i) {
    if (a[i] == '\x01') shared = i;
  }
  return shared;
}

}  // namespace

void check_member_path(std::string_view path, const std::string& where) {
  check_safe(path, where);
  for (const char* known : {kManifestPath, kSignaturePath, kReadmePath, kGoldenPath}) {
    if (path == known) return;
  }
  if (begins_with(path, kSourceFolder) || variant_path(path)) return;
  refuse_path("a file has no place in a bundle", where,
              "manifest.json, manifest.json.minisig, README.md, golden.json, "
              "variants/VARIANT/NAME.so, or anything in src/",
              quoted_path(path));
}

void check_paths_together(std::vector<std::string> paths, const std::string& where) {
  std::vector<std::pair<std::string, std::string>> sorted;  // folded, as it is
  sorted.reserve(paths.size());
  for (std::string& path : paths) {
    std::string fold = folded(path);
    sorted.emplace_back(std::move(fold), std::move(path));
  }
  std::sort(sorted.begin(), sorted.end());
  // What cannot lie beside each other has equal beginnings, and so are neighbours, or there are
  // neighbours between them that cannot either.
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    const auto& [a_folded, a] = sorted[i - 1];
    const auto& [b_folded, b] = sorted[i];
    const std::string both = quoted_path(a) + " and " + quoted_path(b);
    if (a == b) refuse_path("a file is there twice", where, "every file once", quoted_path(a));
    const std::size_t shared = shared_folders(a_folded, b_folded);
    if (a_folded == b_folded || a.compare(0, shared, b, 0, shared) != 0) {
      refuse_path("two names differ only in the case of letters", where,
                  "names that are two on every system", both);
    }
    if (begins_with(b_folded, a_folded + '\x01')) {
      refuse_path("a name is that of a file and of a folder", where, "one of the two", both);
    }
  }
}

bool is_variant_letter(char c) {
  return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') || c == '.' ||
         c == '-' || c == '_';
}

std::optional<VariantPath> variant_path(std::string_view path) {
  if (!begins_with(path, kVariantsFolder)) return std::nullopt;
  path.remove_prefix(std::string_view(kVariantsFolder).size());
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos || !ends_with(path, kSharedObject)) return std::nullopt;
  const std::string variant(path.substr(0, slash));
  path.remove_prefix(slash + 1);
  if (path.size() <= kSharedObject.size()) return std::nullopt;
  const std::string name(path.substr(0, path.size() - kSharedObject.size()));
  const bool is_variant =
      !variant.empty() && std::all_of(variant.begin(), variant.end(), is_variant_letter);
  if (!is_variant || !is_plain_name(name)) return std::nullopt;
  return VariantPath{variant, name};
}

std::string quoted_path(std::string_view path) {
  constexpr std::size_t kMostBytes = 200;
  constexpr std::size_t kEndBytes = 60;  // says most of what a file is
  std::string text(path);
  if (text.size() > kMostBytes) {
    text = text.substr(0, kMostBytes - kEndBytes) + "..." + text.substr(text.size() - kEndBytes);
  }
  return '"' + text + '"';
}

}  // namespace pressroom
