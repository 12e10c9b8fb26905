#include "hub/hub_cache.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "fake_hub.h"

namespace pressroom::hub_cache_test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kVariables[] = {
    "HOME",          "XDG_CACHE_HOME", "HF_HOME",     "HF_HUB_CACHE",   "HUGGINGFACE_HUB_CACHE",
    "HF_TOKEN_PATH", "HF_TOKEN",       "HF_ENDPOINT", "HF_HUB_OFFLINE", "HUGGING_FACE_HUB_TOKEN"};

// The environment with `values` and none of the other variables that the hub has.
class Environment {
 public:
  explicit Environment(const std::map<std::string, std::string>& values) {
    for (const char* name : kVariables) {
      if (const char* value = std::getenv(name)) before_[name] = value;
      ::unsetenv(name);
    }
    for (const auto& [name, value] : values) ::setenv(name.c_str(), value.c_str(), 1);
  }
  ~Environment() {
    for (const char* name : kVariables) ::unsetenv(name);
    for (const auto& [name, value] : before_) ::setenv(name.c_str(), value.c_str(), 1);
  }

 private:
  std::map<std::string, std::string> before_;
};

TEST(HubCache, RootIsWhereThePythonLibraryLooks) {
  const struct {
    std::map<std::string, std::string> environment;
    const char* root;
  } cases[] = {
      {{{"HOME", "/h"}}, "/h/.cache/huggingface/hub"},
      {{{"HOME", "/h"}, {"XDG_CACHE_HOME", "/x"}}, "/x/huggingface/hub"},
      {{{"XDG_CACHE_HOME", "/x"}, {"HF_HOME", "/f"}}, "/f/hub"},
      {{{"HOME", "/h"}, {"HF_HOME", "~/f"}}, "/h/f/hub"},
      {{{"HF_HOME", "/f"}, {"HUGGINGFACE_HUB_CACHE", "/old"}}, "/old"},
      {{{"HUGGINGFACE_HUB_CACHE", "/old"}, {"HF_HUB_CACHE", "/c"}}, "/c"},
      {{{"HOME", "/h"}, {"HF_HUB_CACHE", ""}, {"HF_HOME", ""}}, "/h/.cache/huggingface/hub"},
  };
  for (const auto& a_case : cases) {
    const Environment environment(a_case.environment);
    EXPECT_EQ(hub_cache_root(), a_case.root);
  }
}

TEST(HubCache, ParsesNamesAndRefusesPaths) {
  EXPECT_EQ(parse_hub_name("gpt2").repository, "gpt2");
  EXPECT_EQ(parse_hub_name("EleutherAI/pythia-70m").revision, "main");
  EXPECT_EQ(parse_hub_name("a/b@refs/pr/1").revision, "refs/pr/1");
  EXPECT_EQ(parse_hub_name("a/b@main").text(), "a/b");
  EXPECT_EQ(parse_hub_name("a/b@v1.0").text(), "a/b@v1.0");
  for (const char* wrong : {"", "/a", "./a", "a/b/c", "a/", "a b", "../a", "a/..", "a@", "a@../x",
                            "a@x/../y", "a@/x", "a--b/c", "a@x y", "a@.hidden"}) {
    EXPECT_FALSE(may_be_hub_name(wrong)) << wrong;
    EXPECT_THROW(parse_hub_name(wrong), Error) << wrong;
  }
}

TEST(HubCache, FindsSnapshotsByRevisionAndCommit) {
  const ScratchFolder root;
  const fs::path folder = hub_repository_folder("someone/tiny", root.path());
  EXPECT_EQ(folder.filename(), "models--someone--tiny");
  const std::string other = "01234567" + std::string(32, 'f');
  write_file(folder / "snapshots" / kCommit / "config.json", "{}");
  write_file(folder / "snapshots" / other / "a.gguf", "GGUF");
  write_file(folder / "snapshots" / std::string(40, 'd') / "weights/a.gguf", "GGUF");
  write_file(folder / "snapshots" / std::string(40, 'e') / "README.md", "no model");
  write_file(folder / "refs/main", kCommit);
  write_file(folder / "refs/refs/pr/1", other + "\n");
  write_file(folder / "refs/escape", "../../..");
  const struct {
    std::string revision;
    std::string commit;  // "" for none
  } cases[] = {{"main", kCommit},
               {"refs/pr/1", other},
               {kCommit, kCommit},
               {"012345678", kCommit},
               {"01234567f", other},
               {"01234567", ""},
               {"012345", ""},
               {std::string(40, 'e'), ""},
               {std::string(40, 'd'), ""},
               {"v2", ""},
               {"escape", ""}};
  for (const auto& a_case : cases) {
    const auto found = find_snapshot({"someone/tiny", a_case.revision}, root.path());
    EXPECT_EQ(found ? found->filename().string() : "", a_case.commit) << a_case.revision;
  }
  EXPECT_FALSE(find_snapshot({"someone/else", "main"}, root.path()));
  EXPECT_FALSE(find_snapshot({"someone/tiny", "main"}, root.path() / "missing"));
}

TEST(HubCache, SaysWhatToGetAndHow) {
  const ScratchFolder root;
  const HubName name = parse_hub_name("someone/tiny@v2");
  const fs::path folder = hub_repository_folder("someone/tiny", root.path());
  const auto got = [&] { return missing_from_cache(name, root.path()).got; };
  EXPECT_EQ(missing_from_cache(name, root.path()).what,
            "there is no directory of this name, and the model is not in the hub cache");
  EXPECT_EQ(missing_from_cache(name, root.path()).where, "someone/tiny@v2");
  EXPECT_EQ(missing_from_cache(name, root.path()).fix,
            "check the path, or get it: pressroom pull someone/tiny@v2");
  EXPECT_EQ(got(), "no folder " + folder.string());
  write_file(folder / "blobs/abc.incomplete", "half");
  EXPECT_EQ(got(), "a download that was not finished, in " + folder.string());
  write_file(folder / "snapshots" / kCommit / "config.json", "{}");
  EXPECT_EQ(got(), std::string("commits ") + kCommit + ", in " + folder.string());
}

TEST(HubCache, SuggestsTheStarterModelForWhatIsCloseToIt) {
  const ScratchFolder root;
  EXPECT_EQ(missing_from_cache({"statrer", "main"}, root.path()).fix,
            "did you mean \"starter\"? Or check the path, or get it: pressroom pull statrer");
  EXPECT_EQ(missing_from_cache({"models/pythia-7m", "main"}, root.path()).fix,
            "check the path, or get it: pressroom pull models/pythia-7m");
}

TEST(HubCache, NamesAGgufFileThatLiesInAFolder) {
  const ScratchFolder root;
  const HubName name = {"someone/tiny", kCommit};
  const fs::path snapshot =
      hub_repository_folder("someone/tiny", root.path()) / "snapshots" / kCommit;
  write_file(snapshot / "q8/a.gguf", "GGUF");
  EXPECT_FALSE(find_snapshot(name, root.path()));
  EXPECT_EQ(missing_from_cache(name, root.path()).fix,
            "name the file: " + (snapshot / "q8/a.gguf").string());
}

TEST(HubCache, SaysWhyItCannotBeLookedInto) {
  const ScratchFolder folder;
  write_file(folder.path() / "file", "no folder");
  fs::create_symlink("itself", folder.path() / "itself");
  const HubName name = {"someone/tiny", "main"};
  const std::pair<fs::path, const char*> cases[] = {
      {folder.path() / "file", "Not a directory"},
      {folder.path() / std::string(300, 'n'), "File name too long"},
      {folder.path() / "itself", "Too many levels of symbolic links"}};
  for (const auto& [root, reason] : cases) {
    EXPECT_FALSE(find_snapshot(name, root));
    EXPECT_EQ(missing_from_cache(name, root).got,
              (root / "models--someone--tiny").string() + ": " + reason);
    EXPECT_NE(missing_from_cache(name, root).fix.find("HF_HOME"), std::string::npos);
  }
}

TEST(HubSettings, ReadsTokenFromEnvironmentThenFiles) {
  const ScratchFolder folder;
  const std::string home = folder.path().string();
  write_file(folder.path() / "mine", " from-path \n");
  write_file(folder.path() / "hf/token", "from-home\n");
  write_file(folder.path() / ".cache/huggingface/token", "from-cache");
  const struct {
    std::map<std::string, std::string> environment;
    const char* token;
    std::string source;
  } cases[] = {
      {{{"HF_TOKEN", "from-env"}, {"HF_TOKEN_PATH", home + "/mine"}}, "from-env", "HF_TOKEN"},
      {{{"HF_TOKEN_PATH", home + "/mine"}, {"HF_HOME", home + "/hf"}}, "from-path", home + "/mine"},
      {{{"HF_HOME", home + "/hf"}, {"HF_TOKEN", ""}}, "from-home", home + "/hf/token"},
      {{{"HOME", home}}, "from-cache", home + "/.cache/huggingface/token"},
      {{{"HOME", home + "/empty"}}, "", ""},
  };
  for (const auto& a_case : cases) {
    const Environment environment(a_case.environment);
    EXPECT_EQ(hub_settings_from_environment().token.value, a_case.token);
    EXPECT_EQ(hub_settings_from_environment().token.source, a_case.source);
  }
}

TEST(HubSettings, RefusesWhatIsNoTokenOrAddressWithoutRepeatingSecrets) {
  for (const auto& [name, value] : std::map<std::string, std::string>{
           {"HF_TOKEN", "hf_Secret\r\nX-Other: 1"}, {"HF_ENDPOINT", "ftp://me:Secret@mirror"}}) {
    const Environment environment({{"HOME", "/nowhere"}, {name, value}});
    try {
      hub_settings_from_environment();
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find("Secret"), std::string::npos) << error.what();
    }
  }
}

TEST(HubSettings, ReadsEndpointAndOffline) {
  const Environment environment(
      {{"HOME", "/h"}, {"HF_ENDPOINT", "https://mirror.example/hub/"}, {"HF_HUB_OFFLINE", "yes"}});
  const HubSettings settings = hub_settings_from_environment();
  EXPECT_EQ(settings.endpoint, "https://mirror.example/hub");
  EXPECT_TRUE(settings.offline);
  EXPECT_EQ(settings.cache_root, "/h/.cache/huggingface/hub");
}

}  // namespace
}  // namespace pressroom::hub_cache_test
