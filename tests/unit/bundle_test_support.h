// What the tests of bundles share: the files of a small one, archives that write_bundle would never
// make, and what is said of them.
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "bundle/bundle_archive.h"
#include "bundle/bundle_contents.h"
#include "bundle/bundle_manifest.h"
#include "bundle/member_path.h"
#include "pressroom/error.h"

namespace pressroom {

inline constexpr const char* kBundle = "h2o-1.1.0.press.tar.zst";

inline BundleManifest small_manifest() {
  BundleManifest manifest;
  manifest.name = "h2o";
  manifest.kind = PluginKind::kMethod;
  manifest.version = {1, 1, 0};
  manifest.licence = "Apache-2.0";
  manifest.authors = {"A. Author", "B. Author"};
  manifest.summary = "keeps what was attended to most";
  manifest.paper = "https://arxiv.org/abs/2306.14048";
  manifest.sdk = {{7, 0}, {8, 0}};
  manifest.source = BundleSource{std::string(40, 'a'), false};
  return manifest;
}

// With the manifest that `members` need.
inline BundleMembers with_manifest(BundleMembers members,
                                   BundleManifest manifest = small_manifest()) {
  manifest.files = listed_files(members);
  members[kManifestPath] = {bundle_manifest_text(manifest, kManifestPath), false};
  return members;
}

// A bundle of source alone.
inline BundleMembers small_bundle() {
  return with_manifest({{"README.md", {"# h2o\n", false}},
                        {"golden.json", {"{}\n", false}},
                        {"src/CMakeLists.txt", {"project(h2o)\n", false}},
                        {"src/empty.txt", {"", false}},
                        {"src/h2o.cpp", {"int answer = 42;\n", false}},
                        {"src/tools/check.sh", {"#!/bin/sh\nexit 0\n", true}}});
}

// The first Problem of what `call` throws; a failure of the test where it throws no Error.
inline Problem bundle_problem(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    for (const Problem& problem : error.problems()) {
      EXPECT_FALSE(problem.what.empty() || problem.where.empty() || problem.expected.empty() ||
                   problem.got.empty() || problem.fix.empty())
          << problem.text();
    }
    return error.problems().front();
  }
  ADD_FAILURE() << "no Error was thrown";
  return {};
}

// A tar archive made by libarchive, of anything that it can write.
class MadeTar {
 public:
  using Change = std::function<void(archive_entry*)>;

  explicit MadeTar(int format = ARCHIVE_FORMAT_TAR_PAX_RESTRICTED) : writer_(archive_write_new()) {
    EXPECT_EQ(archive_write_set_format(writer_, format), ARCHIVE_OK);
    archive_write_set_bytes_in_last_block(writer_, 1);
    const auto append = [](archive*, void* text, const void* piece, std::size_t size) {
      static_cast<std::string*>(text)->append(static_cast<const char*>(piece), size);
      return static_cast<la_ssize_t>(size);
    };
    EXPECT_EQ(archive_write_open(writer_, &bytes_, nullptr, append, nullptr), ARCHIVE_OK);
  }
  ~MadeTar() { archive_write_free(writer_); }
  MadeTar(const MadeTar&) = delete;
  MadeTar& operator=(const MadeTar&) = delete;

  // A plain file, unless `change` makes something else of the entry.
  MadeTar& add(const std::string& path, const std::string& content = "",
               const Change& change = nullptr) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, path.c_str());
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
    if (change) change(entry);
    EXPECT_GE(archive_write_header(writer_, entry), ARCHIVE_WARN) << archive_error_string(writer_);
    archive_write_data(writer_, content.data(), content.size());
    archive_entry_free(entry);
    return *this;
  }

  // The archive, which nothing can be added to any more.
  std::string bytes() {
    EXPECT_EQ(archive_write_close(writer_), ARCHIVE_OK);
    return bytes_;
  }

 private:
  archive* writer_;
  std::string bytes_;
};

}  // namespace pressroom
