// The section of the page that shows what methods answered.
#include <gtest/gtest.h>

#include "campaign_writer.h"
#include "markup_check.h"
#include "report/html/page.h"
#include "report/html/shown_answers.h"
#include "report/html/text_difference.h"
#include "report_campaign.h"
#include "scratch_folder.h"

namespace pressroom::report_answers_test {
namespace {

StoredAnswer answered(const std::string& id, bool is_exact, const std::string& text = "") {
  StoredAnswer answer;
  answer.text.id = id;
  answer.text.question = "Which <word> of " + id + "?";
  answer.text.expected = " amber & jade";
  answer.text.references = {"amber & jade"};
  answer.text.is_exact = is_exact;
  answer.text.is_generated = !text.empty();
  answer.text.text = text;
  return answer;
}

// The same with 4 tokens of evidence, of which the two layers of two KV heads held so many.
StoredAnswer with_evidence(StoredAnswer answer, std::vector<std::vector<std::int64_t>> held) {
  answer.evidence = {{100, 104}};
  answer.asked_at = 900;
  answer.held = {4, std::move(held)};
  return answer;
}

// dense, h2o and cab, each with the answers of its first document.
std::vector<CellResult> campaign_of(const std::vector<std::vector<StoredAnswer>>& answers) {
  std::vector<CellResult> results = report_campaign();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    for (const DocumentResult& document : results[i].documents) {
      results[i].answers.push_back({document.id, {}});
    }
    results[i].answers.front().answers = answers[i];
  }
  return results;
}

class AnswersSection : public testing::Test {
 protected:
  // Writes the campaign and hands what its page is made of to `use`.
  template <typename Use>
  auto with_content(const std::vector<CellResult>& results, const Use& use) {
    write_campaign(folder_.path(), "small", results);
    const StoredCampaign campaign = read_campaign(folder_.path());
    const ComparisonReport report = compare(campaign.results);
    const std::vector<FigureRow> rows = figure_rows(campaign.results, report);
    const std::vector<std::string> methods = methods_of(rows, "dense");
    return use(ReportContent{campaign, report, rows, methods, {}});
  }

  std::string markup(const std::vector<CellResult>& results) {
    return with_content(results, answers_section);
  }

  ShownAnswers shown(const std::vector<CellResult>& results) {
    return with_content(results, shown_answers);
  }

  ScratchFolder folder_;
};

TEST_F(AnswersSection, IsNotThereWhereNothingIsAsked) { EXPECT_EQ(markup(report_campaign()), ""); }

TEST_F(AnswersSection, ShowsEachMethodBesideTheBaseline) {
  const std::string page = markup(campaign_of(
      {{with_evidence(answered("q0", true, " amber & jade"), {{4, 4}, {4, 4}})},
       {with_evidence(answered("q0", false, " amber & lead"), {{4, 0}, {2, 0}})},
       {with_evidence(answered("q0", false, " <b>bold</b> & jade"), {{4, 4}, {4, 4}})}}));
  EXPECT_EQ(unbalanced_tag(page), "");
  for (const char* part :
       {"Which &lt;word&gt; of q0?", "<b>amber &amp; jade</b>", "amber &amp; <mark>lead</mark>",
        "<mark>&lt;b&gt;bold&lt;/b&gt;</mark> &amp; jade",
        "38 %<br><small>had left in part</small>", "100 %<br><small>was there</small>",
        "<td>100 %</td>", "data-wrong=\"1 2\"", "Where the evidence was: h2o, sparsity 0.9",
        "Tokens 100-103, as token 900 asked",
        "2 of 4 heads held none of it: layer 0 head 1, layer 1 head 1.",
        "title=\"50.00 %\">50</td>", "books, context 1024: 1 question</summary>"}) {
    EXPECT_TRUE(has(page, part)) << part;
  }
  // What the other lost it had; and there is no trace.
  EXPECT_FALSE(has(page, "Where the evidence was: cab"));
  EXPECT_FALSE(has(page, "pressroom trace"));
}

TEST_F(AnswersSection, NamesTheTraceOfTheDocument) {
  const std::vector<CellResult> results = campaign_of(
      {{answered("q0", true)}, {with_evidence(answered("q0", false), {{4, 1}, {2, 3}})}});
  write_file_atomically(folder_.path() / (results[1].cell.file_stem() + ".0.trace"), "");
  EXPECT_TRUE(has(markup(results),
                  "pressroom trace h2o_s0.9_ctx1024_seed42.0.trace --layer 0 "
                  "--head 1</code>"));
}

TEST_F(AnswersSection, ForcedAnswersAreRightOrWrongAndHaveNoText) {
  const std::string page = markup(campaign_of({{answered("q0", true)}, {answered("q0", false)}}));
  EXPECT_TRUE(has(page, "<b>wrong</b></td><td></td>"));
  EXPECT_TRUE(has(page, "<b>right</b></td><td></td>"));
  EXPECT_FALSE(has(page, "<mark>"));
}

TEST_F(AnswersSection, WhatAMetricGivesOneIsRight) {
  std::vector<CellResult> results =
      campaign_of({{answered("q0", true, "jade")}, {answered("q0", false, "Jade.")}});
  MetricValue judge = {"string_match", 1, "1", Direction::kHigherIsBetter, "mean"};
  judge.answers.resize(results[1].documents.size());
  judge.answers[0] = {1};
  MetricValue evidence = {"evidence_held", 1, "1", Direction::kNeither, "mean"};
  evidence.answers = judge.answers;
  results[1].metrics.push_back(evidence);
  EXPECT_FALSE(shown(results).settings[0].questions[0].answers[1].is_right);
  results[1].metrics.push_back(judge);
  const ShownAnswer answer = shown(results).settings[0].questions[0].answers[1];
  EXPECT_TRUE(answer.is_right);
  EXPECT_EQ(answer.scores, (std::vector<std::pair<std::string, double>>{{"string_match", 1}}));
  EXPECT_TRUE(has(markup(results), "<small>string_match 1.00</small>"));
}

TEST_F(AnswersSection, BeginsWithWhatMostMethodsLostAndSaysHowManyAreNotShown) {
  std::vector<StoredAnswer> dense, h2o, cab;
  for (std::size_t i = 0; i < kMostQuestions + 7; ++i) {
    const std::string id = "q" + std::to_string(i);
    dense.push_back(answered(id, i != 3));
    h2o.push_back(answered(id, i != 3 && i != 5 && i != 6));
    cab.push_back(answered(id, i != 3 && i != 6));
  }
  const std::vector<CellResult> results = campaign_of({dense, h2o, cab});
  const AnswerSetting setting = shown(results).settings.at(0);
  EXPECT_EQ(setting.asked, kMostQuestions + 7);
  ASSERT_EQ(setting.questions.size(), kMostQuestions);
  const auto id = [&](std::size_t i) { return setting.questions[i].answers[0].answer.text.id; };
  EXPECT_EQ(id(0), "q6");  // both lost it
  EXPECT_EQ(id(1), "q5");
  EXPECT_EQ(id(2), "q3");  // nobody knows it
  EXPECT_EQ(id(3), "q0");
  EXPECT_TRUE(has(markup(results), "the 25 that most methods lost; 7 more are not shown"));
}

TEST_F(AnswersSection, SaysWhichFileCannotBeRead) {
  const std::vector<CellResult> results =
      campaign_of({{answered("q0", true)}, {answered("q0", false)}, {answered("q0", false)}});
  write_campaign(folder_.path(), "small", results);
  const std::filesystem::path file =
      folder_.path() / (results[2].cell.file_stem() + ".answers.json");
  write_file_atomically(
      file, replaced(answers_text(results[2]), "\"is_exact\":false", "\"is_exact\":true"));
  const StoredCampaign campaign = read_campaign(folder_.path());
  const ComparisonReport report = compare(campaign.results);
  const std::vector<FigureRow> rows = figure_rows(campaign.results, report);
  const ShownAnswers shown = shown_answers({campaign, report, rows, methods_of(rows, "dense"), {}});
  ASSERT_EQ(shown.notes.size(), 1U);
  EXPECT_TRUE(has(shown.notes[0], "was changed after it was written")) << shown.notes[0];
  EXPECT_EQ(shown.settings[0].questions[0].answers.size(), 2U);
}

TEST(MarkedDifference, StandsBetweenTheWordsInCommon) {
  const struct {
    const char* text;
    const char* other;
    const char* marked;
  } cases[] = {{"a b c", "a b c", "a b c"},
               {"a x c", "a b c", "a <mark>x</mark> c"},
               {"x", "a b c", "<mark>x</mark>"},
               {"a b c d", "a b c", "a b c <mark>d</mark>"},
               {"a b", "a b c", "a b"},
               {"a a", "a", "a <mark>a</mark>"},
               {"", "a", ""},
               {"a", "", "<mark>a</mark>"},
               {"1\n2\n3", "1\n4\n3", "1\n<mark>2</mark>\n3"},
               {"<i> x", "<i> y", "&lt;i&gt; <mark>x</mark>"}};
  for (const auto& c : cases) EXPECT_EQ(marked_difference(c.text, c.other), c.marked) << c.text;
}

}  // namespace
}  // namespace pressroom::report_answers_test
