// The file of a cell's answers: what is in it, that it reads back, and what it refuses.
#include "results/stored_answers.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "../tools/schema_check.h"
#include "campaign/directory.h"
#include "campaign_test_support.h"
#include "plugin_test_support.h"
#include "result_builder.h"
#include "results/record_json.h"

namespace pressroom::stored_answers_test {
namespace {

using Json = nlohmann::ordered_json;

// Eight tokens, two layers of two KV heads. Two answers, tokens 5 and 7; tokens 1 and 2 are the
// evidence of the first, and token 2 once more.
DocumentMeasurements measured() {
  constexpr std::int32_t kStays = EntryLifetimes::kNeverLeaves;
  DocumentMeasurements document;
  document.document_id = "one \"ü\"@0";
  document.targets = {1, 2, 3, 4, 5, 6, 7};
  document.answers = {{4, 5}, {6, 7}};
  AnswerText first;
  first.id = "who";
  first.question = "Who?\n";
  first.expected = " Ann";
  first.references = {"Ann", "Anne"};
  first.options = {"Ann", "Bob"};
  first.is_generated = true;
  first.text = " Bob\xC3";  // half a character
  first.is_cut = true;
  AnswerText second;
  second.id = "1";
  second.expected = " 7";
  second.references = {"7"};
  second.is_exact = true;
  document.answer_texts = {first, second};
  const std::vector<std::int32_t> all(8, kStays);
  const std::vector<std::int32_t> until_three = {3, 3, 3, 3, kStays, kStays, kStays, kStays};
  const std::vector<std::int32_t> until_four = {4, 3, 4, 4, kStays, kStays, kStays, kStays};
  document.lifetimes.last_seen_by = {{all, until_three}, {until_four, until_three}};
  document.lifetimes.spans = {{"evidence", 1, 3, 0}, {"evidence", 2, 3, 0}, {"intro", 0, 1, -1}};
  return document;
}

CellResult result_with_answers() {
  CellResult result = made_cell("h2o", 0.5, 1, {1, 2});
  result.content_key = std::string(64, 'c');
  DocumentMeasurements nothing;
  nothing.document_id = "asks nothing@0";
  result.answers = answers_of({measured(), nothing});
  return result;
}

TEST(Answers, SayWhatWasHeldOfTheEvidenceWhenTheyWereAskedFor) {
  const DocumentAnswers answers = answers_of({measured()}).at(0);
  EXPECT_EQ(answers.id, "one \"ü\"@0");
  ASSERT_EQ(answers.answers.size(), 2U);
  const StoredAnswer& first = answers.answers[0];
  EXPECT_EQ(first.asked_at, 4);  // the query before token 5
  EXPECT_EQ(first.held.entries, 3);
  EXPECT_EQ(first.held.of_head, (std::vector<std::vector<std::int64_t>>{{3, 0}, {2, 0}}));
  EXPECT_DOUBLE_EQ(first.held.share(), 5.0 / 12);
  EXPECT_EQ(first.evidence, (std::vector<std::pair<std::int64_t, std::int64_t>>{{1, 3}, {2, 3}}));
  EXPECT_EQ(answers.answers[1].held.entries, 0);
  DocumentMeasurements unmeasured = measured();
  unmeasured.lifetimes = {};
  EXPECT_EQ(answers_of({unmeasured})[0].answers[0].held.entries, 0);
  unmeasured.answer_texts.clear();
  EXPECT_TRUE(answers_of({unmeasured, unmeasured}).empty());
}

TEST(StoredAnswers, ReadBackAsTheyWereWritten) {
  const ScratchFolder folder;
  CampaignDirectory directory(folder.path());
  const CellResult written = result_with_answers();
  directory.store_cell(written, "");
  const std::filesystem::path cell = directory.cell_file(written.cell, "");
  EXPECT_EQ(answers_file(cell), folder.path() / "h2o_s0.5_ctx1024_seed1.answers.json");
  const auto read = read_answers(cell, written.content_key);
  ASSERT_TRUE(read.has_value());
  ASSERT_EQ(read->size(), 2U);
  EXPECT_TRUE((*read)[1].answers.empty());
  for (std::size_t i = 0; i < 2; ++i) {
    SCOPED_TRACE(i);
    const StoredAnswer& a = written.answers[0].answers[i];
    const StoredAnswer& b = (*read)[0].answers.at(i);
    EXPECT_EQ(b.text.id, a.text.id);
    EXPECT_EQ(b.text.question, a.text.question);
    EXPECT_EQ(b.text.expected, a.text.expected);
    EXPECT_EQ(b.text.references, a.text.references);
    EXPECT_EQ(b.text.options, a.text.options);
    EXPECT_EQ(b.text.is_exact, a.text.is_exact);
    EXPECT_EQ(b.text.is_generated, a.text.is_generated);
    EXPECT_EQ(b.text.is_cut, a.text.is_cut);
    EXPECT_EQ(b.evidence, a.evidence);
    EXPECT_EQ(b.held.entries, a.held.entries);
    EXPECT_EQ(b.held.of_head, a.held.of_head);
  }
  EXPECT_EQ((*read)[0].answers[0].asked_at, 4);
  EXPECT_EQ((*read)[0].answers[0].text.text, " Bob\xEF\xBF\xBD");
}

TEST(StoredAnswers, AreThereForTheirOwnResultAlone) {
  const ScratchFolder folder;
  CampaignDirectory directory(folder.path());
  CellResult result = result_with_answers();
  const std::filesystem::path cell = directory.cell_file(result.cell, "");
  EXPECT_FALSE(read_answers(cell, result.content_key).has_value());
  directory.store_cell(result, "");
  EXPECT_FALSE(read_answers(cell, std::string(64, 'd')).has_value());
  write_file(answers_file(cell), "");  // what a loss of power leaves
  EXPECT_FALSE(read_answers(cell, result.content_key).has_value());
  result.answers.clear();
  result.cell.seed = 2;
  directory.store_cell(result, "");
  EXPECT_FALSE(std::filesystem::exists(answers_file(directory.cell_file(result.cell, ""))));
}

TEST(StoredAnswers, AreWhatTheSchemaSays) {
  const std::filesystem::path schema = test_dir() / "../docs/schemas/answers.schema.json";
  const std::string text = answers_text(result_with_answers());
  for (const std::string& error : schema_errors(schema, text)) ADD_FAILURE() << error;
  Json json = Json::parse(text);
  json["documents"][0]["answers"][0].erase("expected");
  EXPECT_FALSE(schema_errors(schema, json.dump()).empty());
}

TEST(StoredAnswers, RefuseWhatWasChangedAndWhatCannotBe) {
  const ScratchFolder folder;
  const CellResult result = result_with_answers();
  const std::filesystem::path cell = folder.path() / "cell.json";
  const auto refusal = [&](const std::function<void(Json&)>& change, bool is_sealed) {
    Json json = Json::parse(answers_text(result));
    change(json);
    if (is_sealed) seal(json);
    write_file(answers_file(cell), json.dump());
    const std::vector<Problem> problems =
        problems_of([&] { read_answers(cell, result.content_key); });
    if (problems.size() != 1 || !has(problems[0].where, "cell.answers.json")) return std::string();
    return problems[0].what;
  };
  const auto first = [](Json& json) -> Json& { return json["documents"][0]["answers"][0]; };
  const struct {
    const char* what;
    std::function<void(Json&)> change;
    bool is_sealed;
  } cases[] = {
      {"was changed", [&](Json& json) { first(json)["is_exact"] = true; }, false},
      {"another version", [](Json& json) { json["schema"] = "pressroom.answers/9"; }, true},
      {"is not whole", [&](Json& json) { first(json).erase("text"); }, true},
      {"is not whole", [&](Json& json) { first(json)["references"] = "Ann"; }, true},
      {"is not whole", [&](Json& json) { first(json)["evidence"]["tokens"] = {{1}}; }, true},
      {"cannot be", [&](Json& json) { first(json)["evidence"]["held"][1][0] = 4; }, true},
      {"cannot be", [&](Json& json) { first(json)["evidence"]["held"][1][0] = -1; }, true},
      {"cannot be", [&](Json& json) { first(json)["evidence"]["held"] = Json::array(); }, true},
      {"cannot be", [&](Json& json) { first(json)["evidence"]["entries"] = 4; }, true},
      {"cannot be",
       [&](Json& json) {
         first(json)["evidence"]["tokens"] = {{3, 1}};
       },
       true},
  };
  for (const auto& c : cases) EXPECT_TRUE(has(refusal(c.change, c.is_sealed), c.what)) << c.what;
}

}  // namespace
}  // namespace pressroom::stored_answers_test
