// What the files of a bundle say of each other, and the variants in it.
#include "bundle/bundle_contents.h"

#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/sha256.h"
#include "bundle/variant.h"
#include "bundle_test_support.h"
#include "pressroom/plugin.h"
#include "scratch_folder.h"
#include "test_folders.h"
#include "text_search.h"

namespace pressroom::bundle_contents_test {
namespace {

// The zoo's plugin without flaw, as the bundle of its source and of itself built for this harness.
std::string good_plugin() { return read_file(zoo_dir() / "good_method.so"); }

BundleManifest good_manifest() {
  BundleManifest manifest = small_manifest();
  manifest.name = "good_method";
  manifest.version = {1, 2, 3};
  return manifest;
}

const std::string kVariantPath = "variants/" + variant_name() + "/good_method.so";

BundleMembers bundle_with(const std::string& path, const std::string& plugin,
                          const BundleManifest& manifest = good_manifest()) {
  BundleMembers members = small_bundle();
  members.erase(kManifestPath);
  members[path] = {plugin, false};
  return with_manifest(members, manifest);
}

Problem refusal_of(const BundleMembers& members) {
  return bundle_problem([&] { verify_contents(members, kBundle); });
}

TEST(BundleContents, AreListedButForTheManifestAndItsSignature) {
  BundleMembers members = small_bundle();
  members[kSignaturePath] = {"x", false};
  const std::map<std::string, BundleFile> files = listed_files(members);
  EXPECT_EQ(files.size(), members.size() - 2);
  EXPECT_EQ(files.count(kManifestPath) + files.count(kSignaturePath), 0U);
  EXPECT_EQ(files.at("README.md").bytes, 6);
  EXPECT_EQ(files.at("README.md").sha256, sha256_hex("# h2o\n"));
  EXPECT_FALSE(files.at("README.md").executable);
  EXPECT_TRUE(files.at("src/tools/check.sh").executable);
}

TEST(BundleContents, PassWhereTheyAreThoseOfTheManifest) {
  BundleMembers members = small_bundle();
  EXPECT_EQ(verify_contents(members, kBundle).name, "h2o");
  members[kSignaturePath] = {"whoever signs it looks at this", false};
  EXPECT_EQ(verify_contents(members, kBundle).name, "h2o");

  const BundleMembers with_plugin = bundle_with(kVariantPath, good_plugin());
  const BundleMembers read = parse_bundle(bundle_bytes(with_plugin, kBundle), kBundle);
  EXPECT_EQ(verify_contents(read, kBundle).files.at(kVariantPath).sha256,
            sha256_hex(good_plugin()));
}

TEST(BundleContents, AreRefusedWhereTheyDifferFromTheManifest) {
  struct Case {
    std::function<void(BundleMembers&)> change;
    std::string what, where;
  };
  const std::string file = std::string(kBundle) + ", src/h2o.cpp";
  const std::string script = std::string(kBundle) + ", src/tools/check.sh";
  const std::string lacks = "the bundle lacks a file that every bundle has";
  const std::vector<Case> cases = {
      {[](auto& m) { m.erase("manifest.json"); }, lacks, kBundle},
      {[](auto& m) { m.erase("README.md"); }, lacks, kBundle},
      {[](auto& m) { m.erase("golden.json"); }, lacks, kBundle},
      {[](auto& m) { m.erase("src/CMakeLists.txt"); }, lacks, kBundle},
      {[](auto& m) { m.clear(); }, lacks, kBundle},
      {[](auto& m) { m["manifest.json"].bytes = "{"; }, "the bundle's manifest cannot be read",
       std::string(kBundle) + ", manifest.json"},
      {[](auto& m) { m.erase("src/h2o.cpp"); }, "a file that the manifest lists is missing",
       kBundle},
      {[](auto& m) { m["src/h2o.cpp"].bytes += ' '; },
       "a file has another size than the manifest says", file},
      {[](auto& m) { m["src/h2o.cpp"].bytes = ""; },
       "a file has another size than the manifest says", file},
      {[](auto& m) { m["src/h2o.cpp"].bytes[4] ^= 1; },
       "a file is not the one that the manifest lists", file},
      {[](auto& m) { m["src/h2o.cpp"].executable = true; },
       "a file has another mode than the manifest says", file},
      {[](auto& m) { m["src/tools/check.sh"].executable = false; },
       "a file has another mode than the manifest says", script},
      {[](auto& m) { m["src/more.cpp"] = {}; }, "a file is not in the manifest", kBundle},
      {[](auto& m) { m["variants/x/h2o.so"] = {}; }, "a file is not in the manifest", kBundle}};
  for (const Case& c : cases) {
    BundleMembers members = small_bundle();
    c.change(members);
    const Problem problem = refusal_of(members);
    EXPECT_EQ(problem.what, c.what);
    EXPECT_EQ(problem.where, c.where) << c.what;
  }
}

TEST(Variant, IsNamedAfterTheHarness) {
  const std::string name = variant_name();
  EXPECT_EQ(name.find(PRESSROOM_SDK_VERSION "-"), 0U) << name;
  EXPECT_TRUE(has(name, std::string("-") + PRESSROOM_CXX_ABI + "-")) << name;
  EXPECT_NO_THROW(check_member_path(kVariantPath, kBundle));
  // What is built for this harness lies there.
  const PluginRecord record = read_manifest(zoo_dir() / "good_method.so");
  EXPECT_FALSE(incompatibility(record));
  EXPECT_TRUE(variant_name(record, "x86_64") == name || variant_name(record, "aarch64") == name);
}

TEST(Variant, IsOneComponentOfAPathWhateverAPluginSays) {
  PluginRecord record;
  record.manifest = {{"sdk", "7.12"}, {"torch", "2.1.0+cpu"}, {"cxx_abi", "1018-cxx11-1"}};
  EXPECT_EQ(variant_name(record, "aarch64"), "7.12-2.1-1018-cxx11-1-aarch64");
  record.manifest = {{"sdk", "../7"}, {"torch", "a/b\n"}, {"cxx_abi", "\xC3\xA9 \\"}};
  EXPECT_EQ(variant_name(record, "x86_64"), ".-a_b_-____-x86_64");
  record.manifest.clear();
  EXPECT_EQ(variant_name(record, "x86_64"), "unknown-unknown-unknown-x86_64");
}

TEST(Variant, MustBeThePluginOfTheBundle) {
  const auto with = [](const std::function<void(BundleManifest&)>& change,
                       const std::string& path) {
    BundleManifest manifest = good_manifest();
    change(manifest);
    return refusal_of(bundle_with(path, good_plugin(), manifest));
  };
  const std::string where = std::string(kBundle) + ", " + kVariantPath;
  Problem problem = with([](auto& m) { m.version = {1, 2, 4}; }, kVariantPath);
  EXPECT_EQ(problem.what, "a variant is of another version than the bundle");
  EXPECT_EQ(problem.expected, "1.2.4");
  EXPECT_EQ(problem.got, "1.2.3");
  EXPECT_EQ(problem.where, where);

  problem = with([](auto& m) { m.kind = PluginKind::kMetric; }, kVariantPath);
  EXPECT_EQ(problem.what, "a variant is another plugin than the bundle's");
  EXPECT_EQ(problem.expected, "metric \"good_method\"");
  EXPECT_EQ(problem.got, "method \"good_method\"");

  problem = with([](auto& m) { m.name = "h2o"; }, kVariantPath);
  EXPECT_EQ(problem.what, "a variant is not named after the plugin");
  problem = with([](auto& m) { m.name = "h2o"; }, "variants/" + variant_name() + "/h2o.so");
  EXPECT_EQ(problem.what, "a variant is another plugin than the bundle's");

  problem = with([](auto&) {}, "variants/6.0-1.13-1017-cxx11-1-x86_64/good_method.so");
  EXPECT_EQ(problem.what, "a variant was built for another harness than its folder says");
  EXPECT_EQ(problem.got, variant_name());
}

TEST(Variant, MustBeASharedObjectWithAManifest) {
  const std::string plugin = good_plugin();
  const std::pair<std::string, std::string> cases[] = {
      {"", "the file is empty"},
      {"\x7F"
       "ELF",
       "the file is truncated"},
      {"a text", "the file is not a shared object"},
      {std::string(4096, 'x'), "the file is not a shared object"},
      {plugin.substr(0, plugin.size() / 2), "the file is truncated"},
      {replaced(plugin, ".pressroom", ".pressRoom"), "the file is not a Pressroom plugin"},
      {replaced(plugin, "kind=method", "kind=methos"), "the plugin is of an unknown kind"},
      {read_file("/bin/sh"), ""}};
  for (const auto& [bytes, what] : cases) {
    const Problem problem = refusal_of(bundle_with(kVariantPath, bytes));
    if (!what.empty()) {
      EXPECT_EQ(problem.what, what);
    }
    EXPECT_EQ(problem.where, std::string(kBundle) + ", " + kVariantPath);
    EXPECT_FALSE(has(problem.text(), "/proc/")) << problem.text();
  }
}

// A bundle has plugins for other processors, too. They are judged here like those for this one.
TEST(Variant, IsJudgedForOtherProcessors) {
  std::string plugin = good_plugin();
  const auto built_for = [&](Elf64_Half machine) {
    std::memcpy(plugin.data() + offsetof(Elf64_Ehdr, e_machine), &machine, sizeof machine);
    return plugin;
  };
  const std::string harness = variant_name();
  const std::string folder = "variants/" + harness.substr(0, harness.rfind('-') + 1);
  const auto path = [&](const char* processor) { return folder + processor + "/good_method.so"; };
  EXPECT_NO_THROW(verify_contents(bundle_with(path("x86_64"), built_for(EM_X86_64)), kBundle));
  EXPECT_NO_THROW(verify_contents(bundle_with(path("aarch64"), built_for(EM_AARCH64)), kBundle));
  const std::string what = "a variant was built for another harness than its folder says";
  EXPECT_EQ(refusal_of(bundle_with(path("x86_64"), built_for(EM_AARCH64))).what, what);
  EXPECT_EQ(refusal_of(bundle_with(path("aarch64"), built_for(EM_X86_64))).what, what);
  EXPECT_EQ(refusal_of(bundle_with(path("x86_64"), built_for(EM_RISCV))).what, what);
}

}  // namespace
}  // namespace pressroom::bundle_contents_test
