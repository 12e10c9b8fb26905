// A plugin's project: its description, its files, and the bundle that is made of it.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "base/captured_command.h"
#include "base/strings.h"
#include "bundle/bundle_contents.h"
#include "bundle/member_path.h"
#include "bundle/variant.h"
#include "pressroom/error.h"
#include "project/git_facts.h"
#include "project/pack.h"
#include "project/project_description.h"
#include "scratch_folder.h"
#include "test_folders.h"

namespace pressroom::project_test {
namespace {

namespace fs = std::filesystem;

const std::string kDescription = "licence: Apache-2.0\nauthors: [A. Author, B. Author]\n";

std::vector<Problem> problems_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    for (const Problem& problem : error.problems()) {
      EXPECT_FALSE(problem.what.empty() || problem.expected.empty() || problem.got.empty() ||
                   problem.fix.empty())
          << problem.text();
    }
    return error.problems();
  }
  ADD_FAILURE() << "no Error was thrown";
  return {{}};
}

fs::path h2o_plugin() { return plugin_dir() / "pressroom_method_h2o.so"; }

// The files of a project of h2o, in any order.
std::vector<std::pair<std::string, std::string>> project_files() {
  return {{"README.md", "# h2o\n"},
          {"CMakeLists.txt", "project(h2o)\n"},
          {"LICENSE", "Apache License, Version 2.0\n"},
          {"bundle.yaml", kDescription},
          {"h2o.cpp", "int answer = 42;\n"},
          {"ci.sh", "#!/bin/sh\n"},
          {"test/h2o_test.cpp", "int main() {}\n"},
          {".clang-format", "BasedOnStyle: Google\n"},
          {".gitignore", "/build/\n*.log\n"}};
}

class Project : public testing::Test {
 protected:
  void SetUp() override {
    const bool has_git = run_captured({"git", "--version"}).was_found;
    if (!has_git) GTEST_SKIP() << "NOT TESTED: projects: git is not installed";
    write_into(folder());
  }

  static void write_into(const fs::path& folder) {
    for (const auto& [name, text] : project_files()) write_file(folder / name, text);
    fs::permissions(folder / "ci.sh", fs::perms::owner_exec, fs::perm_options::add);
  }

  // With dates and names that are always the same, and no settings of this machine's.
  static void git(const fs::path& folder, std::vector<std::string> words) {
    std::vector<std::string> command = {"env",
                                        "GIT_CONFIG_GLOBAL=/dev/null",
                                        "GIT_CONFIG_SYSTEM=/dev/null",
                                        "GIT_AUTHOR_DATE=2026-01-01T00:00:00Z",
                                        "GIT_COMMITTER_DATE=2026-01-01T00:00:00Z",
                                        "git",
                                        "-C",
                                        folder.string(),
                                        "-c",
                                        "user.name=A. Author",
                                        "-c",
                                        "user.email=a@example.org"};
    command.insert(command.end(), words.begin(), words.end());
    const CapturedCommand ended = run_captured(command);
    ASSERT_EQ(ended.exit_code, 0) << words[0] << ": " << ended.said();
  }
  static void commit(const fs::path& folder) {
    git(folder, {"init", "-q", "-b", "main"});
    git(folder, {"add", "."});
    git(folder, {"commit", "-q", "-m", "a plugin"});
  }

  static PackRequest request_for(const fs::path& folder) {
    PackRequest request;
    request.project = folder;
    request.plugins = {h2o_plugin()};
    request.golden = "{}\n";
    return request;
  }
  static std::string bytes_of(const PackedBundle& packed) {
    return bundle_bytes(packed.members, "the test");
  }

  fs::path folder() const { return scratch_.path() / "h2o"; }
  fs::path place(const std::string& name) const { return folder() / name; }
  PackRequest request() const { return request_for(folder()); }

  ScratchFolder scratch_;
};

std::vector<std::string> names_of(const PackedBundle& packed) {
  std::vector<std::string> names;
  for (const auto& [name, member] : packed.members) names.push_back(name);
  return names;
}

TEST_F(Project, IsDescribedByItsFile) {
  write_file(place("bundle.yaml"),
             kDescription +
                 "summary: keeps much\npaper: \"\"\n"
                 "sdk: {minimum: \"7.0\", below: \"9.2\"}\ngolden:\n  n_sink: 2\n");
  const ProjectDescription project = read_project(folder());
  EXPECT_EQ(project.licence, "Apache-2.0");
  EXPECT_EQ(project.authors, (std::vector<std::string>{"A. Author", "B. Author"}));
  EXPECT_EQ(project.summary, "keeps much");
  EXPECT_EQ(project.paper, "");
  EXPECT_EQ(project.sdk.minimum.text(), "7.0");
  EXPECT_EQ(project.sdk.below.text(), "9.2");
  EXPECT_EQ(project.golden.find("n_sink")->value.text, "2");

  write_file(place("bundle.yaml"), kDescription);
  const ProjectDescription plain = read_project(folder());
  EXPECT_FALSE(plain.summary || plain.paper);
  EXPECT_EQ(plain.sdk.minimum, this_sdk());
  EXPECT_EQ(plain.sdk.below, (SdkVersion{this_sdk().major + 1, 0}));
  EXPECT_EQ(plain.golden.kind, YamlKind::kNull);
}

TEST_F(Project, IsNotDescribedByAnythingElse) {
  struct Case {
    std::string text, where, what;
  };
  const std::vector<Case> cases = {
      {"", "", "the project's description is no mapping"},
      {"# nothing\n", "", ""},
      {"- a\n", "", "the project's description is no mapping"},
      {"licence: MIT\n", ":1:1", "\"authors\" is missing"},
      {"authors: [A]\n", ":1:1", "\"licence\" is missing"},
      {kDescription + "licence: MIT\n", ":3:1", ""},
      {kDescription + "license: MIT\n", ":3:1", "unknown key \"license\""},
      {kDescription + "name: h2o\n", ":3:1", "unknown key \"name\""},
      {"licence: [MIT]\nauthors: [A]\n", ":1:10", "\"licence\" is no text that can be shown"},
      {"licence: \"\"\nauthors: [A]\n", ":1:10", "\"licence\" is no text that can be shown"},
      {"licence: \"a\\nb\"\nauthors: [A]\n", ":1:10", "\"licence\" is no text that can be shown"},
      {"licence: \"\\e[31m\"\nauthors: [A]\n", ":1:10", "\"licence\" is no text that can be shown"},
      {"licence: true\nauthors: [A]\n", ":1:10", "\"licence\" is no text that can be shown"},
      {"licence: MIT\nauthors: A. Author\n", ":2:10", "the authors are no list of names"},
      {"licence: MIT\nauthors: []\n", ":2:10", "the authors are no list of names"},
      {"licence: MIT\nauthors: [A, []]\n", ":2:14", "\"authors\" is no text that can be shown"},
      {kDescription + "sdk: 7.0\n", ":3:6", "\"sdk\" is no mapping"},
      {kDescription + "sdk: {minimum: 7}\n", ":3:16", "this is no version of the SDK"},
      {kDescription + "sdk: {minimum: 7.0, most: 9.0}\n", ":3:21", "unknown key \"most\""},
      {kDescription + "sdk: {minimum: 8.0, below: 7.5}\n", ":3:6",
       "no version of the SDK is in the range"},
      {kDescription + "golden: 3\n", ":3:9", "\"golden\" is no mapping"},
      {kDescription + "golden: [a\n", ":3:9", "a bracket is never closed"},
      {std::string((64 << 10) + 1, '#'), "", "the file is too large for a description"}};
  for (const Case& each : cases) {
    write_file(place("bundle.yaml"), each.text);
    try {
      read_project(folder());
      ADD_FAILURE() << each.text.substr(0, 100);
    } catch (const Error& error) {
      const Problem& problem = error.problems().front();
      EXPECT_NE(problem.where.find("bundle.yaml" + each.where), std::string::npos)
          << problem.text();
      if (!each.what.empty()) {
        EXPECT_EQ(problem.what, each.what);
      }
    }
  }
  fs::remove(place("bundle.yaml"));
  EXPECT_EQ(problems_of([&] { read_project(folder()); })[0].got, "no such file");
  ASSERT_EQ(::mkfifo(place("bundle.yaml").c_str(), 0600), 0);
  EXPECT_EQ(problems_of([&] { read_project(folder()); })[0].got, "a pipe");
}

TEST_F(Project, OfANewPluginIsDescribedButForWhatItsAuthorKnows) {
  for (const std::string kind : {"method", "dataset", "metric"}) {
    const ProjectDescription project = read_project(test_dir() / "../runner/templates" / kind);
    EXPECT_EQ(project.licence, kToBeFilledIn) << kind;
    EXPECT_EQ(project.authors, std::vector<std::string>{kToBeFilledIn}) << kind;
  }
}

TEST_F(Project, BecomesABundle) {
  commit(folder());
  const PackedBundle packed = pack(request());
  EXPECT_EQ(
      names_of(packed),
      (std::vector<std::string>{
          "README.md", "golden.json", "manifest.json", "src/.clang-format", "src/.gitignore",
          "src/CMakeLists.txt", "src/LICENSE", "src/README.md", "src/bundle.yaml", "src/ci.sh",
          "src/h2o.cpp", "src/test/h2o_test.cpp", "variants/" + variant_name() + "/h2o.so"}));
  for (const auto& [name, member] : packed.members) {
    EXPECT_EQ(member.executable, name == "src/ci.sh") << name;
  }
  EXPECT_EQ(packed.members.at("README.md").bytes, "# h2o\n");
  EXPECT_EQ(packed.members.at("golden.json").bytes, "{}\n");
  const PluginRecord record = read_manifest(h2o_plugin());
  EXPECT_EQ(packed.manifest.name, "h2o");
  EXPECT_EQ(packed.manifest.kind, PluginKind::kMethod);
  EXPECT_EQ(packed.manifest.version.text(), record.version);
  EXPECT_EQ(packed.manifest.summary, record.description.at("summary"));
  EXPECT_EQ(packed.manifest.paper, record.description.at("paper"));
  ASSERT_TRUE(packed.manifest.source);
  EXPECT_EQ(packed.manifest.source->commit.size(), 40U);
  EXPECT_FALSE(packed.manifest.source->dirty);
  EXPECT_EQ(verify_contents(parse_bundle(bytes_of(packed), "x"), "x").licence, "Apache-2.0");

  write_file(place("bundle.yaml"), kDescription + "summary: another\npaper: \"\"\n");
  PackRequest dirty = request();
  dirty.allow_dirty = true;
  const PackedBundle again = pack(dirty);
  EXPECT_EQ(again.manifest.summary, "another");
  EXPECT_EQ(again.manifest.paper, "");
  EXPECT_TRUE(again.manifest.source->dirty);
}

TEST_F(Project, BecomesTheSameBytesElsewhereAndLater) {
  commit(folder());
  const std::string bytes = bytes_of(pack(request()));
  EXPECT_EQ(bytes_of(pack(request())), bytes);

  const fs::path other = scratch_.path() / "another place" / "deeper";
  const mode_t usual = ::umask(0077);
  auto files = project_files();
  std::reverse(files.begin(), files.end());  // another order in the folder
  for (const auto& [name, text] : files) write_file(other / name, text);
  fs::permissions(other / "ci.sh", fs::perms::owner_exec, fs::perm_options::add);
  commit(other);
  ::umask(usual);
  for (const auto& [name, text] : files) {
    fs::last_write_time(other / name, fs::file_time_type::clock::now() - std::chrono::hours(9999));
  }
  write_file(other / "build/CMakeCache.txt", "x");  // git is told to ignore these
  write_file(other / "said.log", "x");
  EXPECT_EQ(bytes_of(pack(request_for(other))), bytes);

  // In a repository that holds more, with changes elsewhere; its commit is another one.
  const fs::path large = scratch_.path() / "large";
  write_into(large / "presses/h2o");
  write_file(large / "notes.txt", "x");
  commit(large);
  write_file(large / "notes.txt", "changed");
  const PackedBundle within = pack(request_for(large / "presses/h2o"));
  EXPECT_FALSE(within.manifest.source->dirty);
  PackedBundle first = pack(request());
  first.members.erase(kManifestPath);
  for (const auto& [name, member] : first.members) {
    EXPECT_EQ(within.members.at(name).bytes, member.bytes) << name;
    EXPECT_EQ(within.members.at(name).executable, member.executable) << name;
  }
  EXPECT_EQ(within.members.size(), first.members.size() + 1);
}

// Two people who build one commit, each with a folder, an umask, settings of git and a compiler of
// their own.
TEST_F(Project, BuiltByTwoDiffersInTheirSharedObjectsAlone) {
  commit(folder());
  const PackedBundle first = pack(request());

  const fs::path other = scratch_.path() / "of another" / "h2o";
  write_file(scratch_.path() / "settings",
             "[core]\n quotePath = true\n fileMode = false\n abbrev = 7\n"
             "[status]\n showUntrackedFiles = no\n relativePaths = false\n short = true\n"
             "[color]\n ui = always\n");
  const fs::path built = scratch_.path() / "built.so";
  const mode_t usual = ::umask(0027);
  git(folder(), {"clone", "-q", "--no-local", ".", other.string()});
  write_file(built, read_file(h2o_plugin()) + "what another linker leaves");
  ::umask(usual);
  fs::permissions(built, fs::perms::owner_all);
  ::setenv("GIT_CONFIG_GLOBAL", (scratch_.path() / "settings").c_str(), 1);
  ::setenv("TZ", "Pacific/Chatham", 1);
  PackRequest request_of_other = request_for(other);
  const std::string same_bytes = bytes_of(pack(request_of_other));
  request_of_other.plugins = {built};
  const PackedBundle second = pack(request_of_other);
  ::unsetenv("GIT_CONFIG_GLOBAL");
  ::unsetenv("TZ");

  EXPECT_EQ(same_bytes, bytes_of(first));
  EXPECT_EQ(names_of(second), names_of(first));
  const std::string variant = "variants/" + variant_name() + "/h2o.so";
  for (const auto& [name, member] : second.members) {
    EXPECT_EQ(member.executable, first.members.at(name).executable) << name;
    const bool is_of_one_build = name == variant || name == kManifestPath;
    EXPECT_EQ(member.bytes != first.members.at(name).bytes, is_of_one_build) << name;
  }
  // Of the manifest, the entry of that file.
  const auto without_variant = [&](BundleManifest manifest) {
    EXPECT_EQ(manifest.files.erase(variant), 1U);
    return bundle_manifest_text(manifest, "the test");
  };
  EXPECT_EQ(without_variant(second.manifest), without_variant(first.manifest));
}

TEST_F(Project, WithoutGitIsAllButWhatABuildLeaves) {
  for (const char* name : {"build/x.cpp", "build-debug/x", "cmake-build-release/x", "out/x",
                           ".vscode/settings.json", ".env", "libx.so", "compile_commands.json"}) {
    write_file(place(name), "x");
  }
  write_file(place("out/CMakeCache.txt"), "x");
  write_file(place("builder/x.cpp"), "x");
  const PackedBundle packed = pack(request());
  EXPECT_FALSE(packed.manifest.source);
  EXPECT_EQ(packed.members.count("src/builder/x.cpp"), 1U);
  EXPECT_EQ(packed.members.count("src/.clang-format"), 1U);
  EXPECT_EQ(packed.members.at("src/ci.sh").executable, true);
  // Of git's files one more, and no others.
  commit(folder());
  PackRequest clean = request();
  EXPECT_EQ(packed.members.size(), project_files().size() + 5);
}

TEST_F(Project, IsRefusedWhileItDiffersFromItsCommit) {
  struct Case {
    std::string name;
    std::function<void(const fs::path&)> change;
    std::string change_text;
    std::size_t members;
  };
  const std::size_t usual = project_files().size() + 4;
  const std::vector<Case> cases = {
      {"changed", [](const fs::path& at) { write_file(at / "h2o.cpp", "int answer;\n"); },
       "1 change:  M h2o.cpp", usual},
      {"added", [](const fs::path& at) { write_file(at / "more/a.cpp", "x"); },
       "1 change: ?? more/a.cpp", usual + 1},
      {"removed", [](const fs::path& at) { fs::remove(at / "h2o.cpp"); }, "1 change:  D h2o.cpp",
       usual - 1},
      {"executable",
       [](const fs::path& at) {
         fs::permissions(at / "h2o.cpp", fs::perms::owner_exec, fs::perm_options::add);
       },
       "1 change:  M h2o.cpp", usual},
      {"staged",
       [](const fs::path& at) {
         write_file(at / "b.cpp", "x");
         git(at, {"add", "b.cpp"});
       },
       "1 change: A  b.cpp", usual + 1}};
  for (const Case& each : cases) {
    const fs::path at = scratch_.path() / each.name;
    write_into(at);
    commit(at);
    each.change(at);
    PackRequest request = request_for(at);
    const std::vector<Problem> problems = problems_of([&] { pack(request); });
    EXPECT_EQ(problems.size(), 1U) << each.name;
    EXPECT_EQ(problems[0].what, "the project differs from what is committed");
    EXPECT_EQ(problems[0].got, each.change_text);
    request.allow_dirty = true;
    const PackedBundle packed = pack(request);
    EXPECT_TRUE(packed.manifest.source->dirty);
    EXPECT_EQ(packed.members.size(), each.members) << each.name;
  }
  // Under git, but never committed.
  git(folder(), {"init", "-q"});
  EXPECT_EQ(problems_of([&] { pack(request()); })[0].what,
            "the project differs from what is committed");
  PackRequest dirty = request();
  dirty.allow_dirty = true;
  EXPECT_FALSE(pack(dirty).manifest.source);
}

TEST_F(Project, IsAskedOfTheGitThatItIsIn) {
  commit(folder());
  // As a hook of another repository would have it.
  ::setenv("GIT_DIR", "/nowhere", 1);
  ::setenv("GIT_WORK_TREE", "/", 1);
  const auto facts = git_facts(folder());
  ::unsetenv("GIT_DIR");
  ::unsetenv("GIT_WORK_TREE");
  ASSERT_TRUE(facts);
  EXPECT_TRUE(facts->changes.empty());
  EXPECT_EQ(facts->files.size(), project_files().size());
  // A folder that git is told to ignore is none of its business.
  write_into(place("build/copy"));
  EXPECT_FALSE(git_facts(place("build/copy")));
  EXPECT_FALSE(pack(request_for(place("build/copy"))).manifest.source);
  // What is there and cannot be read is no reason to do without it.
  const fs::path damaged = scratch_.path() / "damaged";
  write_into(damaged);
  write_file(damaged / ".git", "gitdir: /nowhere\n");
  EXPECT_EQ(problems_of([&] { git_facts(damaged); })[0].what,
            "git does not say which files belong to the project");
}

TEST_F(Project, IsRefusedWithAllMistakesAtOnce) {
  fs::remove(place("LICENSE"));
  fs::remove(place("CMakeLists.txt"));
  write_file(place("README.md"), "# h2o\n\nPaper: to be filled in\n");
  write_file(place("bundle.yaml"),
             "licence: to be filled in  # as in MIT\nauthors: [A]  # to be filled in\n");
  write_file(place("na\xC3\xAFve.cpp"), "x");
  fs::create_symlink("/etc/passwd", place("secrets"));
  fs::create_directory_symlink("/etc", place("etc"));
  ASSERT_EQ(::mkfifo(place("pipe").c_str(), 0600), 0);
  std::vector<std::string> found;
  for (const Problem& problem : problems_of([&] { pack(request()); })) {
    found.push_back(problem.what + " @ " +
                    fs::path(problem.where).lexically_relative(folder()).string());
  }
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, (std::vector<std::string>{
                       "a file of the project cannot be in a bundle @ etc",
                       "a file of the project cannot be in a bundle @ pipe",
                       "a file of the project cannot be in a bundle @ secrets",
                       "a file's name is not ASCII @ na\xC3\xAFve.cpp",
                       "something is still to be filled in @ README.md:3",
                       "something is still to be filled in @ bundle.yaml:1",
                       "the project lacks a file that every bundle has @ CMakeLists.txt",
                       "the project lacks a file that every bundle has @ LICENSE"}));
}

TEST_F(Project, UnderGitHasNoLinksEither) {
  fs::create_symlink("/etc/passwd", place("secrets"));
  commit(folder());
  EXPECT_EQ(problems_of([&] { pack(request()); })[0].got, "a link");
  // A folder that became a link after it was committed.
  fs::remove(place("secrets"));
  fs::rename(place("test"), scratch_.path() / "test");
  fs::create_directory_symlink(scratch_.path() / "test", place("test"));
  PackRequest dirty = request();
  dirty.allow_dirty = true;
  for (const Problem& problem : problems_of([&] { pack(dirty); })) EXPECT_EQ(problem.got, "a link");
}

TEST_F(Project, OfPressroomsOwnTreeIsToldWhatItLacks) {
  const std::vector<Problem> problems =
      problems_of([&] { pack(request_for(test_dir() / "../plugins/methods/h2o")); });
  const auto has = [&](const std::string& words) {
    return std::any_of(problems.begin(), problems.end(), [&](const Problem& problem) {
      return problem.text().find(words) != std::string::npos;
    });
  };
  EXPECT_TRUE(has("CMakeLists.txt"));
  EXPECT_TRUE(has("a folder of Pressroom's own tree is built by that"));
  EXPECT_TRUE(has("LICENSE"));
  EXPECT_TRUE(has("bundle.yaml"));
}

// The plugin as if it were built for another processor.
std::string for_another_processor(std::string bytes) {
  constexpr std::size_t kMachineAt = 18;
  bytes[kMachineAt] = static_cast<char>(bytes[kMachineAt] == 62 ? 183 : 62);
  return bytes;
}

TEST_F(Project, HoldsOnePluginInOneOrMoreVariants) {
  const ScratchFolder built;
  write_file(built.path() / "other.so", for_another_processor(read_file(h2o_plugin())));
  PackRequest request = this->request();
  request.plugins = {built.path() / "other.so", h2o_plugin()};
  const PackedBundle packed = pack(request);
  int variants = 0;
  for (const std::string& name : names_of(packed)) variants += variant_path(name) ? 1 : 0;
  EXPECT_EQ(variants, 2);
  std::reverse(request.plugins.begin(), request.plugins.end());
  EXPECT_EQ(bytes_of(pack(request)), bytes_of(packed));

  const auto refused = [&](const std::vector<fs::path>& plugins) {
    request.plugins = plugins;
    return problems_of([&] { pack(request); })[0].what;
  };
  EXPECT_EQ(refused({}), "there is no plugin to pack");
  EXPECT_EQ(refused({h2o_plugin(), h2o_plugin()}), "two files are of one variant");
  EXPECT_EQ(refused({h2o_plugin(), plugin_dir() / "pressroom_method_knorm.so"}),
            "a bundle holds one plugin");
  EXPECT_EQ(refused({"/nowhere/h2o.so"}), "the plugin to be packed cannot be read");
  EXPECT_EQ(refused({built.path()}), "the plugin to be packed cannot be read");
  write_file(built.path() / "text.so", "no plugin");
  request.plugins = {built.path() / "text.so"};
  EXPECT_THROW(pack(request), Error);
  // It was built without a description, and nothing else says what it does.
  EXPECT_EQ(refused({zoo_dir() / "good_method.so"}), "nothing says what the plugin does");

  write_file(place("bundle.yaml"), kDescription + "sdk: {minimum: \"99.0\", below: \"100.0\"}\n");
  EXPECT_EQ(refused({h2o_plugin()}), "the plugin was built with an SDK that bundle.yaml excludes");
}

TEST_F(Project, IsNotReadWhereItIsTooLarge) {
  write_file(place("corpus.bin"), "");
  fs::resize_file(place("corpus.bin"), std::uintmax_t{1} << 40);  // a hole
  const std::vector<Problem> problems = problems_of([&] { pack(request()); });
  EXPECT_EQ(problems[0].what, "the project is too large for a bundle");
  EXPECT_EQ(problems.size(), 1U);
}

}  // namespace
}  // namespace pressroom::project_test
