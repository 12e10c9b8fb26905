#include <gtest/gtest.h>

#include "base/sha256.h"
#include "fake_hub.h"
#include "hub/pull.h"

namespace pressroom::hub_pull_test {
namespace {

namespace fs = std::filesystem;

constexpr char kWeights[] = "model.safetensors";

std::string weights_etag(const FakeHub& hub) { return sha256_hex(hub.files.at(kWeights).content); }

// Remembers what was planned.
class Listener : public PullObserver {
 public:
  void on_plan(const PullResult& plan) override { planned = plan; }

  PullResult planned;
};

TEST(Pull, LaysFilesOutAsThePythonLibraryDoes) {
  const FakeHub hub;
  const PullResult result = hub.pull();
  EXPECT_EQ(result.commit, kCommit);
  EXPECT_EQ(result.snapshot, hub.folder() / "snapshots" / kCommit);
  EXPECT_EQ(read_file(hub.folder() / "refs/main"), kCommit);
  ASSERT_EQ(result.files.size(), 3u);  // no README
  for (const PullFile& file : result.files) {
    const FakeFile& original = hub.files.at(file.name);
    const std::string etag =
        original.is_large ? sha256_hex(original.content) : git_hash(original.content);
    EXPECT_EQ(fs::read_symlink(result.snapshot / file.name), "../../blobs/" + etag);
    EXPECT_EQ(read_file(result.snapshot / file.name), original.content);
  }
  EXPECT_EQ(find_snapshot(parse_hub_name("someone/tiny"), hub.root()), result.snapshot);
  EXPECT_EQ(std::distance(fs::directory_iterator(hub.folder() / "blobs"), {}), 3);
}

TEST(Pull, AsksForNothingThatIsThere) {
  const FakeHub hub;
  hub.pull();
  EXPECT_EQ(hub.downloads(), 3);
  Listener listener;
  hub.pull(listener);
  EXPECT_EQ(hub.downloads(), 3);
  for (const PullFile& file : listener.planned.files) EXPECT_EQ(file.done, file.size);
}

TEST(Pull, ChangesNothingInADryRun) {
  const FakeHub hub;
  PullRequest request;
  request.name = parse_hub_name("someone/tiny");
  request.dry_run = true;
  PullObserver quiet;
  const PullResult result = pull(request, hub.settings(), quiet, hurried());
  EXPECT_EQ(result.files.size(), 3u);
  EXPECT_EQ(result.files[1].size, 5003);
  EXPECT_FALSE(fs::exists(hub.root()));
}

TEST(Pull, PinsRevisions) {
  const FakeHub hub;
  hub.pull("someone/tiny@refs/pr/1");
  EXPECT_EQ(read_file(hub.folder() / "refs/refs/pr/1"), kCommit);
  hub.pull(std::string("someone/tiny@") + kCommit);
  EXPECT_FALSE(fs::exists(hub.folder() / "refs" / kCommit));
  EXPECT_FALSE(fs::exists(hub.folder() / "refs/main"));
  EXPECT_TRUE(find_snapshot({"someone/tiny", kCommit}, hub.root()));
}

TEST(Pull, TakesNamesWithoutAnOwner) {
  FakeHub hub;
  hub.repository = "gpt2";
  EXPECT_EQ(hub.pull("gpt2").snapshot, hub.root() / "models--gpt2/snapshots" / kCommit);
}

TEST(Pull, TakesTwoShardsAndFilesInFolders) {
  FakeHub hub;
  hub.files.erase(kWeights);
  hub.files["model-00001-of-00002.safetensors"] = {"first", true, "", {}};
  hub.files["model-00002-of-00002.safetensors"] = {"second", true, "", {}};
  hub.files["model.safetensors.index.json"] = {"{}", false, "", {}};
  hub.files["q/tiny.gguf"] = {"GGUF", true, "", {}};
  const PullResult result = hub.pull();
  EXPECT_EQ(read_file(result.snapshot / "model-00002-of-00002.safetensors"), "second");
  EXPECT_TRUE(fs::exists(result.snapshot / "model.safetensors.index.json"));
  PullObserver quiet;
  hub.pull(quiet, "someone/tiny", {"q/tiny.gguf"});
  EXPECT_EQ(fs::read_symlink(result.snapshot / "q/tiny.gguf"),
            "../../../blobs/" + sha256_hex("GGUF"));
}

TEST(Pull, FollowsTheRedirectToTheStoreWithoutTheToken) {
  FakeHub hub;
  const std::string content = hub.files[kWeights].content;
  const HttpTestServer store([&](const TestRequest& request) { return ranged(request, content); });
  hub.store_url = store.url();
  PullObserver quiet;
  hub.pull(quiet, "someone/tiny", {}, "hf_Secret");
  for (const TestRequest& request : hub.server().requests()) {
    EXPECT_EQ(request.header("authorization"), "Bearer hf_Secret") << request.path;
  }
  ASSERT_EQ(store.requests().size(), 1u);
  EXPECT_EQ(store.requests()[0].header("authorization"), "");
}

TEST(Pull, WorksWithMirrorsWhoseListingsAreBare) {
  FakeHub hub;
  hub.lists_blobs = false;
  hub.store_url = "http://127.0.0.1:1";  // HEAD must not go there
  hub.instead = [&](const TestRequest& request) -> std::optional<TestAnswer> {
    if (request.method == "HEAD" || request.path.find(kWeights) == std::string::npos) {
      return std::nullopt;
    }
    return ranged(request, hub.files[kWeights].content);
  };
  const PullResult result = hub.pull();
  EXPECT_EQ(result.files[1].size, 5003);
  EXPECT_EQ(fs::read_symlink(result.snapshot / kWeights), "../../blobs/" + weights_etag(hub));
}

}  // namespace
}  // namespace pressroom::hub_pull_test
