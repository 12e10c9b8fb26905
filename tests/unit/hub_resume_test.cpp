// Downloads that broke off, were stopped, or happen twice at a time.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "base/sha256.h"
#include "fake_hub.h"
#include "hub/pull.h"

namespace pressroom::hub_resume_test {
namespace {

namespace fs = std::filesystem;

constexpr char kWeights[] = "model.safetensors";

std::string weights_etag(const FakeHub& hub) { return sha256_hex(hub.files.at(kWeights).content); }

fs::path partial_weights(const FakeHub& hub) {
  return hub.folder() / "blobs" / (weights_etag(hub) + ".incomplete");
}

// The requests for the weights, in order.
std::vector<TestRequest> weight_requests(const FakeHub& hub) {
  std::vector<TestRequest> requests;
  for (const TestRequest& request : hub.server().requests()) {
    if (request.path.find(kWeights) != std::string::npos) requests.push_back(request);
  }
  return requests;
}

// Remembers what was said.
class Listener : public PullObserver {
 public:
  void on_plan(const PullResult& plan) override { planned = plan; }
  void on_message(const std::string& text) override { messages.push_back(text); }
  void on_bytes(const PullFile&, std::int64_t done) override { bytes = done; }

  PullResult planned;
  std::vector<std::string> messages;
  std::int64_t bytes = 0;
};

TEST(PullAgain, GoesOnWhereARunBeforeStopped) {
  const FakeHub hub;
  write_file(partial_weights(hub), std::string(3000, 'w'));
  Listener listener;
  const PullResult result = hub.pull(listener);
  EXPECT_EQ(listener.planned.files[1].done, 3000);
  EXPECT_EQ(weight_requests(hub).back().header("range"), "bytes=3000-");
  EXPECT_EQ(read_file(result.snapshot / kWeights), hub.files.at(kWeights).content);
  EXPECT_FALSE(fs::exists(partial_weights(hub)));
}

TEST(PullAgain, CountsNothingOfAPartThatIsLongerThanTheFile) {
  const FakeHub hub;
  write_file(partial_weights(hub), hub.files.at(kWeights).content + "more");
  Listener listener;
  const PullResult result = hub.pull(listener);
  EXPECT_EQ(listener.planned.files[1].done, 0);
  EXPECT_EQ(read_file(result.snapshot / kWeights), hub.files.at(kWeights).content);
}

TEST(PullAgain, FinishesWhatOnlyLackedItsName) {
  const FakeHub hub;
  write_file(partial_weights(hub), hub.files.at(kWeights).content);
  const PullResult result = hub.pull();
  EXPECT_EQ(weight_requests(hub).size(), 0u);
  EXPECT_TRUE(fs::exists(result.snapshot / kWeights));
}

TEST(PullAgain, StartsAnewWhereTheServerIgnoresRanges) {
  FakeHub hub;
  write_file(partial_weights(hub), std::string(3000, 'x'));
  hub.instead = [&](const TestRequest& request) -> std::optional<TestAnswer> {
    if (request.path.find(kWeights) == std::string::npos) return std::nullopt;
    return TestAnswer{200, hub.files[kWeights].content, {}, {}};
  };
  EXPECT_EQ(read_file(hub.pull().snapshot / kWeights), hub.files[kWeights].content);
}

TEST(PullAgain, StartsAnewWhereThereIsNothingBehindThePartial) {
  FakeHub hub;
  hub.lists_blobs = false;
  hub.instead = [&](const TestRequest& request) -> std::optional<TestAnswer> {
    if (request.method != "HEAD" || request.path.find(kWeights) == std::string::npos) {
      return std::nullopt;
    }
    return TestAnswer{200, "", {{"ETag", weights_etag(hub)}}, {}, /*states_length=*/false};
  };
  write_file(partial_weights(hub), std::string(5003, 'x'));
  EXPECT_EQ(read_file(hub.pull().snapshot / kWeights), hub.files[kWeights].content);
  ASSERT_EQ(weight_requests(hub).size(), 3u);  // HEAD, the refused range, all
  EXPECT_EQ(weight_requests(hub)[1].header("range"), "bytes=5003-");
  EXPECT_EQ(weight_requests(hub)[2].header("range"), "");
}

TEST(PullAgain, RefusesAnotherPartThanItAskedFor) {
  FakeHub hub;
  write_file(partial_weights(hub), std::string(3000, 'w'));
  hub.instead = [&](const TestRequest& request) -> std::optional<TestAnswer> {
    if (request.path.find(kWeights) == std::string::npos) return std::nullopt;
    return TestAnswer{206, "xyz", {{"Content-Range", "bytes 0-2/5003"}}, {}};
  };
  EXPECT_THROW(hub.pull(), NetworkFailure);
  EXPECT_EQ(read_file(partial_weights(hub)), std::string(3000, 'w'));
}

TEST(PullAgain, ReplacesABlobOfTheWrongSizeAndATooLongPartial) {
  const FakeHub hub;
  write_file(hub.folder() / "blobs" / weights_etag(hub), "cut");
  write_file(partial_weights(hub), std::string(9000, 'x'));
  EXPECT_EQ(read_file(hub.pull().snapshot / kWeights), hub.files.at(kWeights).content);
}

TEST(PullAgain, ReplacesABlobOfTheRightSizeWithOtherBytes) {
  const FakeHub hub;
  const PullResult result = hub.pull();
  const fs::path blob = hub.folder() / "blobs" / weights_etag(hub);
  std::string damaged = hub.files.at(kWeights).content;
  damaged[2500] ^= 1;
  write_file(blob, damaged);
  Listener listener;
  hub.pull(listener);
  EXPECT_EQ(read_file(result.snapshot / kWeights), hub.files.at(kWeights).content);
  ASSERT_EQ(listener.messages.size(), 1u);
  EXPECT_EQ(listener.messages[0],
            "model.safetensors: what the cache holds of it is damaged, and is removed");
  EXPECT_EQ(weight_requests(hub).size(), 2u);
}

// As snapshots have where links cannot be made.
TEST(PullAgain, ReplacesAPlainFileOfTheRightSizeWithOtherBytes) {
  const FakeHub hub;
  const fs::path plain = hub.folder() / "snapshots" / kCommit / kWeights;
  write_file(plain, hub.files.at(kWeights).content);
  hub.pull();
  EXPECT_EQ(weight_requests(hub).size(), 0u);
  write_file(plain, std::string(5003, 'x'));
  hub.pull();
  EXPECT_EQ(read_file(plain), hub.files.at(kWeights).content);
}

TEST(PullAgain, DoesNotWriteWhereALinkInPlaceOfThePartialLeads) {
  const FakeHub hub;
  const fs::path elsewhere = hub.root() / "elsewhere";
  write_file(elsewhere, "mine");
  fs::create_directories(partial_weights(hub).parent_path());
  fs::create_symlink(elsewhere, partial_weights(hub));
  Listener listener;
  const PullResult result = hub.pull(listener);
  EXPECT_EQ(listener.planned.files[1].done, 0);
  EXPECT_EQ(read_file(elsewhere), "mine");
  EXPECT_EQ(read_file(result.snapshot / kWeights), hub.files.at(kWeights).content);
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(hub.folder() / "blobs" / weights_etag(hub))));
}

TEST(PullAgain, AsksAgainWhenTheConnectionEndsEarly) {
  FakeHub hub;
  hub.instead = [&](const TestRequest& request) -> std::optional<TestAnswer> {
    if (request.path.find(kWeights) == std::string::npos) return std::nullopt;
    TestAnswer answer = ranged(request, hub.files[kWeights].content);
    if (request.header("range").empty()) answer.cut_after = 1000;
    return answer;
  };
  Listener listener;
  const PullResult result = hub.pull(listener);
  EXPECT_EQ(read_file(result.snapshot / kWeights), hub.files[kWeights].content);
  EXPECT_EQ(weight_requests(hub).back().header("range"), "bytes=1000-");
  EXPECT_EQ(listener.messages.size(), 1u);
}

TEST(PullAgain, WaitsForAnotherDownloadOfTheSameFile) {
  const FakeHub hub;
  const fs::path lock = hub.root() / ".locks/models--someone--tiny" / (weights_etag(hub) + ".lock");
  write_file(lock, "");
  const int other = ::open(lock.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(::flock(other, LOCK_EX), 0);
  class Waiter : public Listener {
   public:
    void on_message(const std::string&) override { waits = true; }
    std::atomic<bool> waits{false};
  } listener;
  PullResult result;
  std::thread puller([&] { result = hub.pull(listener); });
  while (!listener.waits) std::this_thread::yield();
  // The other one finishes the file: no second download of it.
  write_file(hub.folder() / "blobs" / weights_etag(hub), hub.files.at(kWeights).content);
  ::close(other);
  puller.join();
  EXPECT_EQ(weight_requests(hub).size(), 0u);
  EXPECT_TRUE(fs::exists(result.snapshot / kWeights));
}

TEST(PullAgain, KeepsWhatIsThereWhenStopped) {
  FakeHub hub;
  hub.files[kWeights].content = std::string(2 << 20, 'w');
  class Stopper : public Listener {
   public:
    bool stop_requested() override { return bytes > 100000; }
  } stopper;
  EXPECT_THROW(hub.pull(stopper), TransferStopped);
  EXPECT_GT(fs::file_size(partial_weights(hub)), 0u);
  EXPECT_LT(fs::file_size(partial_weights(hub)), 2u << 20);
  EXPECT_FALSE(find_snapshot(parse_hub_name("someone/tiny"), hub.root()));
  EXPECT_EQ(read_file(hub.pull().snapshot / kWeights), hub.files[kWeights].content);
}

}  // namespace
}  // namespace pressroom::hub_resume_test
