// chunkkv with compat: kvpress on the starter model against kvpress 0.5.5, by the doors that users
// take (tests/goldens/README.md says where the figures come from).
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "campaign/cell_measurements.h"
#include "campaign/run_cell.h"
#include "stream_test_support.h"
#include "user_doors.h"

namespace pressroom::chunkkv_golden_test {
namespace {

using Json = nlohmann::json;
using Kept = std::vector<std::vector<std::vector<std::int64_t>>>;

constexpr const char* kInners[] = {"knorm", "snapkv"};

std::string method_of(const std::string& inner) {
  const std::string press =
      inner == "snapkv" ? "{name: snapkv, window_size: 32, kernel_size: 5}" : inner;
  return "{name: chunkkv, as: " + inner + ", chunk_length: 24, compat: kvpress, inner: " + press +
         "}";
}

class ChunkKvAsKvpress : public testing::Test {
 protected:
  ChunkKvAsKvpress()
      : golden_(Json::parse(read_file(test_dir() / "goldens/starter_chunkkv.json"))),
        ids_(golden_.at("ids").get<std::vector<std::int64_t>>()),
        prompt_(golden_.at("prefill_tokens")),
        doors_(test_dir() / "../datasets/starter",
               read_file(test_dir() / "data/prose.txt").substr(0, golden_.at("text_bytes"))) {}

  const Json& golden(const std::string& inner, double sparsity) const {
    for (const Json& run : golden_.at("runs")) {
      if (run.at("inner") == inner && run.at("sparsity") == sparsity) return run;
    }
    throw std::runtime_error("no golden");
  }

  // What the golden kept of the prompt, and all that was fed after it.
  Kept kept_by(const Json& run) const {
    Kept kept = run.at("kept_positions").get<Kept>();
    for (auto& layer : kept) {
      for (auto& head : layer) {
        head.resize(head.size() + ids_.size() - prompt_);
        std::iota(head.end() - static_cast<std::ptrdiff_t>(ids_.size() - prompt_), head.end(),
                  static_cast<std::int64_t>(prompt_));
      }
    }
    return kept;
  }

  Json golden_;
  std::vector<std::int64_t> ids_;
  std::size_t prompt_;
  UserDoors doors_;
};

TEST_F(ChunkKvAsKvpress, ScoreKeepsAndCostsTheSameOnBothEngines) {
  for (const char* inner : kInners) {
    for (const double sparsity : {0.5, 0.75}) {
      SCOPED_TRACE(std::string(inner) + " at " + std::to_string(sparsity));
      const Json& expected = golden(inner, sparsity);
      ScoreRequest request =
          doors_.request(method_of(inner), "{kind: prefill, prefill_tokens: 320}", ids_, sparsity);
      request.engine = "both";
      const ScoreResult result = doors_.score(request);
      EXPECT_EQ(result.run.kept, kept_by(expected));
      EXPECT_EQ(result.decoded->kept, result.run.kept);
      EXPECT_FALSE(result.parting);
      EXPECT_LE(largest_difference(result.run.nll_nats,
                                   expected.at("nll_nats").get<std::vector<double>>()),
                3e-4);
    }
  }
}

TEST_F(ChunkKvAsKvpress, ACampaignHasARowForEachSparsityAndTheSameFigures) {
  const std::vector<CellResult> cells = doors_.campaign(
      "[" + method_of("knorm") + ", " + method_of("snapkv") + "]",
      "{kind: prefill, prefill_tokens: 320, context: 416, documents: 1}", "[0.5, 0.75]");
  int rows = 0;
  for (const CellResult& cell : cells) {
    if (cell.cell.method == "dense") continue;
    ++rows;
    SCOPED_TRACE(cell.cell.file_stem());
    ASSERT_EQ(cell.error, "");
    const Json& expected = golden(cell.cell.method, cell.cell.sparsity);
    const auto nll = expected.at("nll_nats").get<std::vector<double>>();
    const DocumentResult& document = cell.documents.at(0);
    ASSERT_EQ(document.targets.size(), nll.size());
    EXPECT_EQ(document.kept_sha256, kept_sha256(kept_by(expected)));
    EXPECT_NEAR(document.sum_nll_nats, std::accumulate(nll.begin(), nll.end(), 0.0),
                1e-4 * static_cast<double>(nll.size()));
  }
  EXPECT_EQ(rows, 4);
}

}  // namespace
}  // namespace pressroom::chunkkv_golden_test
