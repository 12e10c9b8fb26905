// What the tests of repositories share: signed bundles, keys, a repository in a scratch folder, and
// what is said of them.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/whole_file.h"
#include "bundle_test_support.h"
#include "repository/known_repositories.h"
#include "repository/publish.h"
#include "repository/repository.h"
#include "repository/signed_index.h"
#include "scratch_folder.h"
#include "signing/signature.h"
#include "text_search.h"

namespace pressroom {

inline constexpr UtcTime kToday = {1700000000};  // 2023-11-14T22:13:20Z
inline const UtcTime kTomorrow = kToday.after(std::chrono::hours(24));

// Two people with a key each; the same in all tests of a process.
inline const SecretKey& key_of_a() {
  static const SecretKey key = SecretKey::generate();
  return key;
}
inline const SecretKey& key_of_b() {
  static const SecretKey key = SecretKey::generate();
  return key;
}

inline BundleMembers signed_members(const std::string& name, const Version& version,
                                    const SecretKey* key, const std::string& read_me = "# it\n") {
  BundleManifest manifest = small_manifest();
  manifest.name = name;
  manifest.version = version;
  BundleMembers members = with_manifest({{"README.md", {read_me, false}},
                                         {"golden.json", {"{}\n", false}},
                                         {"src/CMakeLists.txt", {"project(it)\n", false}}},
                                        manifest);
  if (key != nullptr) {
    members[kSignaturePath] = {sign(members.at(kManifestPath).bytes, *key, "a bundle"), false};
  }
  return members;
}

// Writes a bundle into `folder`, signed by `key` unless that is null.
inline std::filesystem::path signed_bundle(const std::filesystem::path& folder,
                                           const std::string& name, const Version& version,
                                           const SecretKey* key,
                                           const std::string& read_me = "# it\n") {
  const std::filesystem::path file = folder / (name + '-' + version.text() + ".press.tar.zst");
  write_file(file, bundle_bytes(signed_members(name, version, key, read_me), name));
  return file;
}

// A repository, a home, and bundles of A's.
struct TestRepository {
  TestRepository() {
    std::filesystem::create_directories(folder());
    std::filesystem::create_directories(home());
  }

  std::filesystem::path folder() const { return scratch.path() / "repository"; }
  std::filesystem::path home() const { return scratch.path() / "home"; }
  std::filesystem::path bundle(const std::string& name, const Version& version,
                               const SecretKey* key = &key_of_a(),
                               const std::string& read_me = "# it\n") const {
    return signed_bundle(scratch.path() / "made", name, version, key, read_me);
  }

  PublishRequest request(std::vector<std::filesystem::path> bundles,
                         const SecretKey& key = key_of_a()) const {
    return {folder(), std::move(bundles), key, kToday};
  }

  KnownRepository known(const std::vector<PublicKey>& keys = {key_of_a().public_key()}) const {
    return {"lab", folder().string(), keys, 0, {}};
  }

  Repository open(const KnownRepository& repository, UtcTime now = kToday) const {
    return Repository::open(home(), repository, now, nullptr);
  }
  Repository open() const { return open(known()); }

  // Puts an index there as somebody with `key` would who does not use publish().
  void put_index(const std::string& text, const SecretKey& key = key_of_a()) const {
    write_file(folder() / index_signature_path(text), sign(text, key, "an index"));
    write_file(folder() / kIndexPath, text);
  }
  void put_index(const RepositoryIndex& index, const SecretKey& key = key_of_a()) const {
    put_index(repository_index_text(index, "index"), key);
  }
  RepositoryIndex index() const {
    return parse_repository_index(read_file(folder() / kIndexPath), "index");
  }

  ScratchFolder scratch;
};

}  // namespace pressroom
