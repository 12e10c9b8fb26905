// Why a result is made again is told from what it was made from.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "campaign/directory.h"
#include "result_builder.h"
#include "results/stored_cell.h"
#include "scratch_folder.h"

namespace pressroom::made_from_test {
namespace {

CellResult keyed(CellResult result, const std::string& key) {
  result.content_key = key;
  return result;
}

TEST(CampaignDirectory, SaysWhyAStoredResultIsNotTheOneAskedFor) {
  const ScratchFolder folder;
  CampaignDirectory directory(folder.path());
  const std::string a(64, 'a');
  const std::string b(64, 'b');
  const CellResult result = keyed(made_cell("h2o", 0.9, 42, {1.5}), "key");
  const auto why = [&](const MadeFrom& now) { return directory.why_again(result.cell, "", now); };
  EXPECT_EQ(why({{"method h2o", a}}), "") << "nothing is stored";

  directory.store_cell(result, "", {{"method h2o", a}, {"budget", "512"}, {"windows", a}});
  ASSERT_TRUE(directory.load_cell(result.cell, "", "key")) << "it is whole, with what it adds";
  EXPECT_EQ(why({{"method h2o", b}, {"budget", "512"}, {"windows", a}}),
            "method h2o changed: aaaaaaaa -> bbbbbbbb");
  EXPECT_EQ(why({{"method h2o", a}, {"budget", "256"}, {"windows", b}}),
            "budget changed: 512 -> 256, windows changed");
  EXPECT_EQ(why({{"method h2o", a}, {"answers", "by document"}}), "what it was made from changed");

  directory.store_cell(result, "");  // as an older version wrote it
  EXPECT_EQ(why({{"method h2o", a}}), "what it was made from changed");
  directory.store_cell(keyed(failed_cell("h2o", 0.9, 42, "broken"), "key"), "",
                       {{"method h2o", a}});
  EXPECT_EQ(why({{"method h2o", b}}), "it failed before");
}

TEST(MadeFrom, NamesEveryPluginParameterAndSettingOfAKey) {
  const auto key = nlohmann::ordered_json::parse(R"({
    "libtorch": "1.13.0", "budget": 512, "model": ["c", "w", "t"],
    "method": {"name": "adakv", "sha256": "1", "parameters": {"alpha": "0.2"},
               "inner": {"inner": {"name": "knorm", "sha256": "2"}}},
    "metrics": [{"name": "perplexity", "sha256": "3"}, {"name": "cache", "sha256": "4"}],
    "windows": [["a@0", "5"]]})");
  EXPECT_EQ(
      made_from(key),
      (MadeFrom{{"libtorch", "1.13.0"},
                {"budget", "512"},
                {"config.json of the model", "c"},
                {"weights", "w"},
                {"tokenizer", "t"},
                {"method adakv", "1"},
                {"parameters of method adakv", R"({"alpha":"0.2"})"},
                {"method knorm", "2"},
                {"metric perplexity", "3"},
                {"metric cache", "4"},
                // printf '[["a@0","5"]]' | sha256sum
                {"windows", "798f0bbf82c89207d10fc898a0f0d559ba4282890179ca852591ef17eb0b07b1"}}));
}

}  // namespace
}  // namespace pressroom::made_from_test
