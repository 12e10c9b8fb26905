// Checkpoints in several safetensors files.
#include "weights/sharded_safetensors.h"

#include <nlohmann/json.hpp>

#include "model/model_files.h"
#include "stream_test_support.h"
#include "weights/weight_source.h"

namespace pressroom::sharded_safetensors_test {
namespace {

using Json = nlohmann::json;

class ShardedSafetensors : public testing::Test {
 protected:
  std::filesystem::path path(const std::string& name) const { return folder_.path() / name; }
  std::filesystem::path index() const { return path("model.safetensors.index.json"); }

  void write_index(const Json& weight_map) const {
    write_file(index(),
               Json({{"metadata", {{"total_size", 1}}}, {"weight_map", weight_map}}).dump());
  }
  // Tensors a and b in one, c in the other.
  void write_shards() const {
    write_file(path("one"), safetensors_bytes({{"a", {{1}, {1}}}, {"b", {{2}, {2, 3}}}}, "F32"));
    write_file(path("two"), safetensors_bytes({{"c", {{1}, {4}}}}, "BF16"));
  }
  Problem opening() const {
    return problem_of([this] { pressroom::ShardedSafetensors weights(index()); });
  }

  ScratchFolder folder_;
};

TEST_F(ShardedSafetensors, ReadsEveryTensorFromItsShard) {
  write_shards();
  write_index({{"c", "two"}, {"b", "one"}, {"a", "one"}});
  const pressroom::ShardedSafetensors weights(index());
  EXPECT_EQ(weights.names(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(read_tensor(weights, "a", {1})[0].item<float>(), 1);
  EXPECT_EQ(read_tensor(weights, "b", {2})[1].item<float>(), 3);
  EXPECT_EQ(read_tensor(weights, "c", {1})[0].item<float>(), 4);
  EXPECT_EQ(weights.place("b"), path("one").string() + ": b");
  EXPECT_FALSE(weights.contains("d"));
  const Problem missing = problem_of([&] { read_tensor(weights, "d", {1}); });
  EXPECT_EQ(missing.where, index().string());
}

TEST_F(ShardedSafetensors, NamesAMissingShardAndCountsThem) {
  write_shards();
  write_index({{"a", "one"}, {"x", "three"}, {"y", "four"}, {"z", "four"}});
  const Problem problem = opening();
  EXPECT_EQ(problem.what, "a shard of the weights is missing");
  EXPECT_EQ(problem.where, path("four").string());
  EXPECT_EQ(problem.expected, "3 files, as model.safetensors.index.json says");
  EXPECT_EQ(problem.got, "2 of them missing");
}

TEST_F(ShardedSafetensors, NamesATensorThatIsNotInItsShard) {
  write_shards();
  write_index({{"a", "one"}, {"b", "two"}});
  const Problem problem = opening();
  EXPECT_EQ(problem.where, path("two").string());
  EXPECT_EQ(problem.expected, "\"b\", as model.safetensors.index.json says");
}

TEST_F(ShardedSafetensors, HaveTensorsThatTheIndexLeavesOut) {
  write_shards();
  write_index({{"a", "one"}, {"c", "two"}});
  const pressroom::ShardedSafetensors weights(index());
  EXPECT_EQ(weights.names(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(read_tensor(weights, "b", {2})[1].item<float>(), 3);
  EXPECT_EQ(weights.place("b"), path("one").string() + ": b");
}

TEST_F(ShardedSafetensors, RefusesATensorThatTwoShardsHold) {
  write_file(path("one"), safetensors_bytes({{"a", {{1}, {1}}}, {"c", {{1}, {9}}}}, "F32"));
  write_file(path("two"), safetensors_bytes({{"c", {{1}, {4}}}}, "F32"));
  write_index({{"a", "one"}, {"c", "two"}});
  const Problem problem = opening();
  EXPECT_EQ(problem.what, "two shards hold one tensor");
  EXPECT_EQ(problem.where, path("one").string() + ": c");
  EXPECT_EQ(problem.got, "another \"c\" in two");
}

TEST_F(ShardedSafetensors, RefusesShardsThatAreNotBesideTheIndex) {
  write_shards();
  for (const char* name : {"../one", "/etc/passwd", "sub/one", "..", ".", "", "a\\b"}) {
    write_index({{"a", name}});
    const Problem problem = opening();
    EXPECT_EQ(problem.where, index().string());
    EXPECT_EQ(problem.expected, "a file beside the index for \"a\"");
    EXPECT_EQ(problem.got, Json(name).dump());
  }
}

TEST_F(ShardedSafetensors, RefusesADamagedIndex) {
  struct Case {
    std::string text, expected, got;
  };
  const std::vector<Case> cases = {
      {"{", "a JSON index", "parse error"},
      {"[]", "\"weight_map\"", "none"},
      {"{}", "\"weight_map\"", "none"},
      {"{\"weight_map\":{}}", "\"weight_map\"", "{}"},
      {"{\"weight_map\":[\"a\"]}", "\"weight_map\"", "[\"a\"]"},
      {"{\"weight_map\":{\"a\":1}}", "a file beside the index", "1"},
      {"{\"weight_map\":{\"a\":\"one\",\"a\":\"two\"}}", "named once", "\"a\" twice in the index"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    write_file(index(), c.text);
    const Problem problem = opening();
    EXPECT_EQ(problem.where, index().string());
    EXPECT_TRUE(has(problem.expected, c.expected)) << problem.text();
    EXPECT_TRUE(has(problem.got, c.got)) << problem.text();
  }
}

TEST_F(ShardedSafetensors, AreOpenedWhereAModelHasSeveralFiles) {
  write_shards();
  write_index({{"a", "one"}, {"c", "two"}});
  ModelFiles files;
  files.root = folder_.path();
  files.config = path("config.json");
  files.weights = {path("one"), path("two")};
  files.shard_index = index();
  EXPECT_EQ(open_weights(files)->names(), (std::vector<std::string>{"a", "b", "c"}));
  files.weights = {path("one")};
  files.shard_index.clear();
  EXPECT_EQ(open_weights(files)->names(), (std::vector<std::string>{"a", "b"}));
}

}  // namespace
}  // namespace pressroom::sharded_safetensors_test
