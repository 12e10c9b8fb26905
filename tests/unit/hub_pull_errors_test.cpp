// What a pull says when it cannot be done, and what it leaves behind.
#include <gtest/gtest.h>

#include <limits>

#include "fake_hub.h"
#include "hub/pull.h"
#include "text_search.h"

namespace pressroom::hub_pull_errors_test {
namespace {

namespace fs = std::filesystem;

constexpr char kSecret[] = "hf_SecretSecretSecret";
constexpr char kWeights[] = "model.safetensors";

// The problem of the Error that a pull throws, whose whole text must not hold the token.
Problem problem_of(const FakeHub& hub, const std::string& name, const std::string& token = "") {
  PullObserver quiet;
  try {
    hub.pull(quiet, name, {}, token);
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find("Secret"), std::string::npos) << error.what();
    return error.problems()[0];
  }
  return {"nothing was thrown", "", "", "", ""};
}

TEST(PullErrors, SuggestTheModelThatWasMeant) {
  const FakeHub hub;
  const Problem problem = problem_of(hub, "someone/tinny");
  EXPECT_EQ(problem.what, "the hub has no such model, or it is private");
  EXPECT_EQ(problem.where, hub.server().url() + "/someone/tinny");
  EXPECT_TRUE(has(problem.fix, "did you mean \"someone/tiny\"?")) << problem.fix;
  EXPECT_TRUE(has(problem.fix, "HF_TOKEN")) << problem.fix;
  EXPECT_FALSE(fs::exists(hub.root()));
}

TEST(PullErrors, ListTheRevisionsThereAre) {
  const FakeHub hub;
  const Problem problem = problem_of(hub, "someone/tiny@v1");
  EXPECT_EQ(problem.what, "the model has no such revision");
  EXPECT_EQ(problem.expected, "main, v1.0");
  EXPECT_EQ(problem.got, "v1 (status 404)");
}

TEST(PullErrors, SayWhatARefusalMeans) {
  const struct {
    int status;
    const char* code;  // X-Error-Code
    const char* token;
    const char* what;
    const char* fix_has;
  } cases[] = {
      {401, "", "", "the hub has no such model, or it is private", "set HF_TOKEN"},
      {401, "RepoNotFound", "", "the hub has no such model, or it is private", "set HF_TOKEN"},
      {401, "", kSecret, "the hub does not accept the token", "the token of HF_TOKEN"},
      {401, "GatedRepo", "", "the model is gated: its owner lets in those who accept a licence",
       "set HF_TOKEN"},
      {403, "GatedRepo", kSecret,
       "the model is gated: its owner lets in those who accept a licence",
       "accept the licence on the model's page; then the token of HF_TOKEN"},
      {403, "", kSecret, "the hub does not let you read the model", "accept the licence"},
      {400, "", "", "the hub answered with what it should not", "HF_ENDPOINT"},
  };
  for (const auto& a_case : cases) {
    FakeHub hub;
    // Listings of gated models are public; it is the files that are refused.
    hub.instead = [&](const TestRequest& request) -> std::optional<TestAnswer> {
      const bool is_file = has(request.path, kWeights);
      if (!is_file && std::string(a_case.code) == "GatedRepo") return std::nullopt;
      if (has(request.path, "/api/models?")) return std::nullopt;
      return TestAnswer{a_case.status, kSecret, {{"X-Error-Code", a_case.code}}, {}};
    };
    const Problem problem = problem_of(hub, "someone/tiny", a_case.token);
    EXPECT_EQ(problem.what, a_case.what) << a_case.status;
    EXPECT_TRUE(has(problem.fix, a_case.fix_has)) << problem.fix;
    EXPECT_FALSE(fs::exists(hub.folder() / "refs")) << a_case.status;
  }
}

TEST(PullErrors, WaitOutABusyHubAndThenGiveUp) {
  for (const int status : {429, 503}) {
    int left = 2;
    FakeHub hub;
    hub.instead = [&](const TestRequest&) -> std::optional<TestAnswer> {
      if (--left >= 0) return TestAnswer{status, "", {}, {}};
      return std::nullopt;
    };
    EXPECT_EQ(hub.pull().commit, kCommit) << status;
    left = 1000;
    EXPECT_THROW(hub.pull(), NetworkFailure) << status;
  }
}

TEST(PullErrors, RemoveWhatHasTheWrongHash) {
  for (const std::size_t digits : {std::size_t{64}, std::size_t{40}}) {
    FakeHub hub;
    hub.files[kWeights].is_large = digits == 64;
    hub.files[kWeights].claimed_hash = std::string(digits, 'a');
    EXPECT_THROW(hub.pull(), NetworkFailure);
    const Problem problem = problem_of(hub, "someone/tiny", kSecret);
    EXPECT_EQ(problem.what, "the file is damaged: its hash is wrong");
    EXPECT_EQ(problem.where, kWeights);
    EXPECT_EQ(problem.expected, std::string(digits, 'a'));
    for (const fs::directory_entry& entry : fs::directory_iterator(hub.folder() / "blobs")) {
      EXPECT_NE(entry.path().stem(), std::string(digits, 'a'));
    }
    EXPECT_FALSE(fs::exists(hub.folder() / "snapshots"));
  }
}

TEST(PullErrors, NoticeTheWrongSize) {
  for (const std::int64_t claimed : {4000, 6000}) {
    FakeHub hub;
    hub.files[kWeights].claimed_size = claimed;
    const Problem problem = problem_of(hub, "someone/tiny");
    EXPECT_EQ(problem.what, "the file has the wrong size");
    EXPECT_EQ(problem.expected, std::to_string(claimed) + " bytes");
    EXPECT_EQ(problem.got, "5003 bytes");
  }
}

TEST(PullErrors, RefuseNamesThatLeadOutOfTheCache) {
  FakeHub hub;
  hub.files["../../../evil.safetensors"] = {"x", false, "", {}};
  EXPECT_EQ(problem_of(hub, "someone/tiny").what,
            "the repository has a file whose name leads out of it");
  EXPECT_EQ(hub.downloads(), 0);
}

TEST(PullErrors, ComeBeforeTheFirstByteWhenTheDiskIsTooSmall) {
  FakeHub hub;
  hub.files[kWeights].claimed_size = std::int64_t{1} << 60;
  const Problem problem = problem_of(hub, "someone/tiny");
  EXPECT_EQ(problem.what, "the disk has no room for the model");
  EXPECT_TRUE(has(problem.fix, "HF_HUB_CACHE"));
  EXPECT_EQ(hub.downloads(), 0);
}

// Three that add up to 2^64, which an unsigned sum would take for nothing.
TEST(PullErrors, RefuseSizesThatNoDiskCouldHold) {
  FakeHub hub;
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  hub.files["config.json"].claimed_size = most;
  hub.files["tokenizer.json"].claimed_size = 2;
  hub.files[kWeights].claimed_size = most;
  const Problem problem = problem_of(hub, "someone/tiny");
  EXPECT_EQ(problem.what, "the hub's answer cannot be understood");
  EXPECT_EQ(problem.where, hub.server().url() + ": config.json");
  EXPECT_EQ(problem.got, std::to_string(most) + " bytes");
  EXPECT_EQ(hub.downloads(), 0);
}

TEST(PullErrors, KeepTheTokenFromAddressesThatAreNotEncrypted) {
  const FakeHub hub;
  const std::pair<const char*, const char*> cases[] = {
      {"HF_TOKEN", "unset it"}, {"/home/me/.cache/huggingface/token", "HF_TOKEN_PATH=/dev/null"}};
  for (const auto& [source, fix] : cases) {
    HubSettings settings = hub.settings(kSecret);
    settings.token.source = source;
    settings.endpoint = "http://mirror.invalid:8080/hub";
    PullRequest request;
    request.name = parse_hub_name("someone/tiny");
    PullObserver quiet;
    try {
      pull(request, settings, quiet, hurried());
      ADD_FAILURE() << source;
    } catch (const Error& error) {
      const Problem& problem = error.problems()[0];
      EXPECT_EQ(problem.what, "the token would be sent where others can read it");
      EXPECT_EQ(problem.got, "http://mirror.invalid:8080/hub");
      EXPECT_TRUE(has(problem.fix, source) && has(problem.fix, fix)) << problem.fix;
      EXPECT_FALSE(has(error.what(), "Secret"));
    }
  }
}

TEST(PullErrors, NameACacheThatCannotBeWritten) {
  const FakeHub hub;
  write_file(hub.root(), "a file where the folder should be");
  const Problem problem = problem_of(hub, "someone/tiny");
  EXPECT_EQ(problem.what, "the hub cache cannot be written");
  EXPECT_EQ(problem.where, hub.root().string());
  EXPECT_EQ(problem.got, "Not a directory");
  EXPECT_EQ(hub.server().requests().size(), 0u);
}

TEST(PullErrors, LookAtTheCacheBeforeTheNetworkInADryRunToo) {
  const FakeHub hub;
  write_file(hub.root(), "a file where the folder should be");
  const std::pair<fs::path, const char*> cases[] = {
      {hub.root() / "hub", "Not a directory"},
      {hub.root().parent_path() / std::string(300, 'n') / "hub", "File name too long"}};
  for (const auto& [root, reason] : cases) {
    PullRequest request;
    request.name = parse_hub_name("someone/tiny");
    request.dry_run = true;
    HubSettings settings = hub.settings();
    settings.cache_root = root;
    PullObserver quiet;
    try {
      pull(request, settings, quiet, hurried());
      ADD_FAILURE() << root;
    } catch (const Error& error) {
      EXPECT_EQ(error.problems()[0].what, "the hub cache cannot be written");
      EXPECT_EQ(error.problems()[0].got, reason);
    }
  }
  EXPECT_EQ(hub.server().requests().size(), 0u);
}

TEST(PullErrors, SayThatAModelIsBuiltIn) {
  const FakeHub hub;
  for (const char* name : {"starter", "starter@v1", "starter-tasks"}) {
    EXPECT_EQ(problem_of(hub, name).what, "the model is built in: there is nothing to download");
  }
  EXPECT_EQ(hub.server().requests().size(), 0u);
}

TEST(PullErrors, ComeWithoutARequestWhenOffline) {
  const FakeHub hub;
  PullRequest request;
  request.name = parse_hub_name("someone/tiny");
  HubSettings settings = hub.settings(kSecret);
  settings.offline = true;
  PullObserver quiet;
  EXPECT_THROW(pull(request, settings, quiet, hurried()), Error);
  EXPECT_EQ(hub.server().requests().size(), 0u);
}

}  // namespace
}  // namespace pressroom::hub_pull_errors_test
