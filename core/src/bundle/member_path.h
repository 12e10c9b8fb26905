// The names that files may have in a bundle. They come from strangers and become paths on the disk
// of whoever installs it, so there is little that they may be: relative, ASCII, without a way out
// of the folder they are unpacked into, and one of
//
//   manifest.json   manifest.json.minisig   README.md   golden.json
//   variants/VARIANT/NAME.so                 src/anything/below
//
//   check_member_path("src/../../.bashrc", "h2o-1.1.0.press.tar.zst");   // Error
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pressroom {

inline constexpr const char* kManifestPath = "manifest.json";
inline constexpr const char* kSignaturePath = "manifest.json.minisig";
inline constexpr const char* kReadmePath = "README.md";
inline constexpr const char* kGoldenPath = "golden.json";
inline constexpr const char* kSourceFolder = "src/";
inline constexpr const char* kSourceProject = "src/CMakeLists.txt";
inline constexpr const char* kVariantsFolder = "variants/";

// Throws Error, in which `where` says which bundle it is, for a path that cannot be trusted -
// absolute, with a component that is "..", "." or empty, with a backslash, a control character or
// one that is not ASCII, longer than 255 bytes a component or 4096 in all - or that has no place in
// a bundle.
void check_member_path(std::string_view path, const std::string& where);

// Throws Error where two of `paths`, each checked on its own, cannot lie beside each other: they
// are equal, they or folders of theirs differ in nothing but the case of letters - one folder on
// some systems - or one is a folder of the other.
void check_paths_together(std::vector<std::string> paths, const std::string& where);

// What "variants/VARIANT/NAME.so" is made of; nothing for any other checked path.
struct VariantPath {
  std::string variant;  // "7.0-1.13-1017-cxx11-1-x86_64"
  std::string name;     // "h2o"
};
std::optional<VariantPath> variant_path(std::string_view path);

// [A-Za-z0-9._-]: what the name of a variant's folder is made of.
bool is_variant_letter(char c);

// A path as messages show it: quoted, its middle left out where it is long.
std::string quoted_path(std::string_view path);

}  // namespace pressroom
