#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "campaign_test_support.h"
#include "plugin_test_support.h"
#include "results/record_json.h"
#include "results/stored_cell.h"

namespace pressroom::cell_json_test {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

CellResult full_result() {
  CellResult result;
  result.cell = {"h2o", 0.9, 102, "books", 1024, 18446744073709551615U, Positions::kCacheIndex};
  result.content_key = std::string(64, 'c');
  result.documents.push_back(
      {"one.txt@0", "ids-1", {1, 2, 3}, 0.1 + 0.2, "kept-1", "one.txt, 3 bytes"});
  result.documents.push_back({"zwei \"ü\".txt@2048", "ids-2", {7}, 1e-300, "kept-2", ""});
  result.documents.push_back({"gaps@0", "ids-3", {2, 3, 9}, 1.0 / 3.0, "", "made"});
  result.metrics = {
      {"perplexity", 12.345678901234567, "1", Direction::kLowerIsBetter, "mean over targets"},
      {"tokens_per_second", 1e9 / 3, "tokens/s", Direction::kHigherIsBetter, "all"},
      {"process_peak_bytes", 2500000, "bytes", Direction::kNeither, "peak"},
      {"mean_cache_entries", 51.5, "entries/head", Direction::kLowerIsBetter, "mean"},
      {"word_perplexity", kInfinity, "1", Direction::kLowerIsBetter, "sum"},
      {"least", -kInfinity, "1", Direction::kNeither, "sum"},
      {"unknown", std::nan(""), "1", Direction::kNeither, "sum"}};
  result.seconds = 1.25;
  return result;
}

std::string text_of(const CellResult& result) { return to_json(result).dump(1); }

std::string refusal_of(const std::string& text) {
  const std::vector<Problem> problems =
      problems_of([&] { cell_result_from_json(text, "run/cell.json"); });
  if (problems.size() != 1 || problems[0].where != "run/cell.json") return "";
  return problems[0].what;
}

// Files of float32 are what they were before there was anything else.
TEST(CellJson, SaysHowKeysAndValuesWereHeldWhereTheyWereRounded) {
  CellResult written = full_result();
  EXPECT_EQ(text_of(written).find("kv_dtype"), std::string::npos);
  written.cell.kv_dtype = "bfloat16";
  EXPECT_EQ(cell_result_from_json(text_of(written), "cell.json").cell.kv_dtype, "bfloat16");
}

TEST(CellJson, SaysWhichConstraintsAMethodWasUnder) {
  CellResult written = full_result();
  EXPECT_EQ(text_of(written).find("constraints"), std::string::npos);
  written.cell.constraints = "{evict_in_blocks: 16}";
  EXPECT_EQ(cell_result_from_json(text_of(written), "cell.json").cell.constraints,
            "{evict_in_blocks: 16}");
}

TEST(CellJson, GivesBackWhatWasWritten) {
  const CellResult written = full_result();
  const CellResult read = cell_result_from_json(text_of(written), "cell.json");
  EXPECT_EQ(read.cell.method, "h2o");
  EXPECT_EQ(read.cell.sparsity, 0.9);
  EXPECT_EQ(read.cell.budget_tokens, 102);
  EXPECT_EQ(read.cell.dataset, "books");
  EXPECT_EQ(read.cell.context_tokens, 1024);
  EXPECT_EQ(read.cell.seed, 18446744073709551615U);
  EXPECT_EQ(read.cell.positions, Positions::kCacheIndex);
  EXPECT_EQ(read.cell.kv_dtype, "float32");
  EXPECT_EQ(read.content_key, written.content_key);
  EXPECT_EQ(read.seconds, 1.25);
  EXPECT_EQ(read.error, "");
  ASSERT_EQ(read.documents.size(), written.documents.size());
  for (std::size_t i = 0; i < read.documents.size(); ++i) {
    EXPECT_EQ(read.documents[i].id, written.documents[i].id);
    EXPECT_EQ(read.documents[i].ids_sha256, written.documents[i].ids_sha256);
    EXPECT_EQ(read.documents[i].provenance, written.documents[i].provenance);
    EXPECT_EQ(read.documents[i].targets, written.documents[i].targets);
    EXPECT_EQ(read.documents[i].sum_nll_nats, written.documents[i].sum_nll_nats);
    EXPECT_EQ(read.documents[i].kept_sha256, written.documents[i].kept_sha256);
  }
  ASSERT_EQ(read.metrics.size(), written.metrics.size());
  for (std::size_t i = 0; i < read.metrics.size(); ++i) {
    const MetricValue& expected = written.metrics[i];
    EXPECT_EQ(read.metrics[i].name, expected.name);
    EXPECT_EQ(read.metrics[i].unit, expected.unit);
    EXPECT_EQ(read.metrics[i].direction, expected.direction);
    EXPECT_EQ(read.metrics[i].aggregation, expected.aggregation);
    EXPECT_TRUE(read.metrics[i].value == expected.value ||
                (std::isnan(read.metrics[i].value) && std::isnan(expected.value)))
        << expected.name;
  }
  EXPECT_EQ(text_of(read), text_of(written));
}

TEST(CellJson, GivesBackWhatMetricsTellOfDocumentsAndAnswers) {
  CellResult written = full_result();
  written.metrics[0].documents = {0.1 + 0.2, std::nullopt, kInfinity};
  written.metrics[0].answers = {{1, 0}, {}, {-kInfinity}};
  written.metrics[1].answers = {{}, {}, {}};
  const CellResult read = cell_result_from_json(text_of(written), "cell.json");
  for (std::size_t i = 0; i < written.metrics.size(); ++i) {
    EXPECT_EQ(read.metrics[i].documents, written.metrics[i].documents) << i;
    EXPECT_EQ(read.metrics[i].answers, written.metrics[i].answers) << i;
  }
  EXPECT_EQ(text_of(read), text_of(written));
  const nlohmann::ordered_json metrics = to_json(written).at("metrics");
  EXPECT_EQ(metrics.at("perplexity").at("documents").dump(), "[0.30000000000000004,null,\"inf\"]");
  EXPECT_EQ(metrics.at("perplexity").at("answers").dump(), "[[1.0,0.0],[],[\"-inf\"]]");
  EXPECT_FALSE(metrics.at("unknown").contains("documents"));
  EXPECT_FALSE(metrics.at("unknown").contains("answers"));
}

TEST(CellJson, RefusesAMetricThatTellsOfOtherDocuments) {
  for (const std::size_t count : {1, 2, 4}) {
    CellResult result = full_result();
    result.metrics[0].documents.assign(count, 1.0);
    EXPECT_EQ(refusal_of(text_of(result)), "a metric tells of other documents than the result has");
    result = full_result();
    result.metrics[0].answers.resize(count);
    EXPECT_EQ(refusal_of(text_of(result)), "a metric tells of other documents than the result has");
  }
}

TEST(CellJson, BelievesNoNumberThatSizesSomething) {
  const auto refused = [](const char* field, const nlohmann::ordered_json& value) {
    nlohmann::ordered_json json = to_json(full_result());
    json["documents"][0]["targets"][field] = value;
    json.erase("sha256");
    seal(json);
    return refusal_of(json.dump());
  };
  const std::string words = "the scored targets of a document are none that its window can have";
  for (const std::int64_t count : {1000000000L, -1L, 0L, 2L, 4L}) {
    EXPECT_EQ(refused("count", count), words) << count;
  }
  EXPECT_EQ(refused("first", -1), words);
  EXPECT_EQ(refused("last", 1024), words);  // of a window of 1024
  nlohmann::ordered_json json = to_json(full_result());
  json["documents"][2]["targets"] = {2, 9, 3};
  json.erase("sha256");
  seal(json);
  EXPECT_EQ(refusal_of(json.dump()), words);
}

TEST(CellJson, RefusesSizesBelowNothing) {
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  for (const char* field : {"context_length", "budget_tokens"}) {
    for (const std::int64_t size : {std::int64_t{-1}, kLeast}) {
      nlohmann::ordered_json json = to_json(full_result());
      json["cell"][field] = size;
      json.erase("sha256");
      seal(json);
      EXPECT_EQ(refusal_of(json.dump()), "a cell cannot have such sizes") << field << " " << size;
    }
  }
}

TEST(CellJson, ABillionTargetsTakeNoMemory) {
  CellResult result = full_result();
  result.cell.context_tokens = 2000000000;
  result.documents[0].targets = Targets::range(1, 1000000000);
  const CellResult read = cell_result_from_json(text_of(result), "cell.json");
  EXPECT_EQ(read.documents[0].targets.size(), 1000000000U);
  EXPECT_EQ(read.documents[0].targets, result.documents[0].targets);
}

TEST(CellJson, GivesBackAFailure) {
  CellResult failed;
  failed.cell.method = "h2o";
  failed.error = "layer 0:\n\"NaN\"";
  const CellResult read = cell_result_from_json(text_of(failed), "cell.json");
  EXPECT_EQ(read.error, failed.error);
  EXPECT_TRUE(read.documents.empty());
}

TEST(CellJson, CarriesTheNamesOfTheGenerationStudy) {
  const nlohmann::ordered_json json = to_json(full_result());
  EXPECT_EQ(json.at("cell").at("method"), "h2o");
  EXPECT_EQ(json.at("cell").at("sparsity"), 0.9);
  EXPECT_EQ(json.at("cell").at("context_length"), 1024);
  EXPECT_EQ(json.at("cell").at("seed"), 18446744073709551615U);
  EXPECT_EQ(json.at("perplexity"), 12.345678901234567);
  EXPECT_EQ(json.at("tokens_per_second"), 1e9 / 3);
  EXPECT_EQ(json.at("peak_memory_mb"), 2.5);
  EXPECT_EQ(json.at("avg_cache_size"), 51.5);
}

TEST(CellJson, RefusesAFileTornAnywhere) {
  const std::string text = text_of(full_result());
  for (std::size_t length = 0; length < text.size(); ++length) {
    ASSERT_EQ(refusal_of(text.substr(0, length)), "a result is not whole") << length;
  }
}

TEST(CellJson, RefusesANumberChangedByHand) {
  const std::string text = text_of(full_result());
  int changed = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] < '1' || text[i] > '8') continue;
    std::string other = text;
    ++other[i];
    // One number can be written in two ways.
    if (nlohmann::json::parse(other) == nlohmann::json::parse(text)) continue;
    ASSERT_NE(refusal_of(other), "") << text.substr(i > 40 ? i - 40 : 0, 60);
    ++changed;
  }
  EXPECT_GT(changed, 100);
}

TEST(CellJson, AcceptsTheSameContentInOtherWhiteSpace) {
  const CellResult read = cell_result_from_json(to_json(full_result()).dump(), "cell.json");
  EXPECT_EQ(text_of(read), text_of(full_result()));
}

TEST(CellJson, RefusesWhatIsNoResultOfThisVersion) {
  EXPECT_EQ(refusal_of(replaced(text_of(full_result()), "pressroom.cell/2", "pressroom.cell/3")),
            "a result is of another version");
  EXPECT_EQ(refusal_of("{}"), "a result is not whole");
  EXPECT_EQ(refusal_of("[1, 2]"), "a result is not whole");
  EXPECT_EQ(refusal_of(replaced(text_of(full_result()), "\"content_key\"", "\"content\"")),
            "a result was changed after it was written");
}

}  // namespace
}  // namespace pressroom::cell_json_test
