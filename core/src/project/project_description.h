// bundle.yaml in a plugin's project: what its bundle says of it that no source does.
//
//   licence: Apache-2.0              # SPDX; its text lies beside it, in LICENSE
//   authors: [A. Author]
//   summary: keeps large values      # optional, like all that follows: what the plugin declares
//   paper: https://arxiv.org/abs/... # what the plugin declares
//   sdk: {minimum: "7.0", below: "8.0"}   # this SDK, and the next major one
//   golden: {n_sink: 2}              # parameters under which golden.json is recorded
//
// Name, kind and version are those of the shared object that was built.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bundle/version.h"
#include "yaml/yaml_tree.h"

namespace pressroom {

inline constexpr const char* kProjectFile = "bundle.yaml";

// What stands in a new project where its author has to say something.
inline constexpr const char* kToBeFilledIn = "to be filled in";

struct ProjectDescription {
  std::string licence;
  std::vector<std::string> authors;    // one at least
  std::optional<std::string> summary;  // where it is another than the plugin's own
  std::optional<std::string> paper;    // "" says that there is none
  SdkRange sdk;
  YamlNode golden;  // a map, or nothing: golden_use (golden/golden_use.h) reads it
};

// Reads bundle.yaml of the project in `folder`. Throws Error, with file:line:column of everything
// that is wrong with it, for what is missing, unknown, there twice, of another type, not one line,
// or no range of SDKs. What is still to be filled in passes: pack (project/pack.h) refuses it.
ProjectDescription read_project(const std::filesystem::path& folder);

}  // namespace pressroom
