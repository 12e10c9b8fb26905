// Results are found by what they are made from, whatever they are called.
#include "results/results_by_key.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "campaign_writer.h"
#include "pressroom/error.h"
#include "result_builder.h"
#include "scratch_folder.h"

namespace pressroom::results_by_key_test {
namespace {

CellResult keyed(CellResult result, const std::string& key) {
  result.content_key = key;
  return result;
}

TEST(ResultsByKey, FindsWhatDidNotFail) {
  const ScratchFolder folder;
  // The plans of this writer do not say what their cells are made from: their results do.
  write_campaign(folder.path(), "one",
                 {keyed(made_cell("dense", 0, 42, {1}), "a"),
                  keyed(failed_cell("h2o", 0.9, 42, "error\": \"\"\n \"error\": \"\""), "b"),
                  keyed(made_cell("cab", 0.9, 42, {2}), "c")});
  const ResultsByKey results({folder.path()});
  EXPECT_TRUE(results.has("a"));
  EXPECT_EQ(results.find("c")->result.cell.method, "cab");
  EXPECT_EQ(results.find("c")->file, folder.path() / "cab_s0.9_ctx1024_seed42.json");
  for (const char* key : {"b", "d", ""}) {
    EXPECT_FALSE(results.has(key)) << key;
    EXPECT_FALSE(results.find(key)) << key;
  }
  EXPECT_THROW(ResultsByKey({folder.path() / "nowhere"}), Error);
}

TEST(ResultsByKey, DoesNotTakeATornOrChangedFileForAResult) {
  const ScratchFolder folder;
  write_campaign(folder.path(), "one", {keyed(made_cell("dense", 0, 42, {1}), "a")});
  const ResultsByKey results({folder.path()});
  const std::filesystem::path file = folder.path() / "dense_s0.0_ctx1024_seed42.json";
  const std::string text = read_file(file);
  write_file_atomically(file, nlohmann::ordered_json::parse(text).dump());
  EXPECT_TRUE(results.has("a")) << "it is whole, as somebody else's program writes it";
  write_file_atomically(file, "");
  EXPECT_FALSE(results.has("a"));
  EXPECT_FALSE(results.find("a"));
  write_file_atomically(file, std::string(text).replace(text.find("ids-0"), 5, "ids-1"));
  EXPECT_THROW(results.find("a"), Error);
}

}  // namespace
}  // namespace pressroom::results_by_key_test
