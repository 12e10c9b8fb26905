// The reader recall, as the plugin it is: what its documents say, how long they are, and that they
// depend on nothing but what they should.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "recall_test_support.h"
#include "train/starter/recall.h"

namespace pressroom::recall_reader_test {
namespace {

std::string answer_text(const Document& document, const Answer& answer) {
  return document.text.substr(answer.begin, answer.end - answer.begin);
}

// The question that an answer follows: "The key of Anna is".
std::string question_of(const Document& document, const Answer& answer) {
  const std::size_t begin = document.text.rfind(kLead, answer.begin);
  return document.text.substr(begin, answer.begin - begin);
}

struct Case {
  std::string what;
  Given given;
  ReadingContext context;
};

std::vector<Case> some_cases() {
  return {{"needle, starter", needle_at({}, 10), {256, starter_tokens_in}},
          {"needle, words", needle_at({"0.4"}, 5), {100, words_in}},
          {"needle, long", needle_at({"0.9"}, 2), {6000, starter_tokens_in}},
          {"key_value, starter", key_value(8, 4, 10), {512, starter_tokens_in}},
          {"key_value, bytes", key_value(8, 8, 10), {2000, bytes_in}},
          {"key_value, many", key_value(64, 64, 3), {2000, words_in}},
          {"key_value, one", key_value(1, 1, 5), {64, starter_tokens_in}}};
}

TEST(RecallReader, StatesEveryFactOnceAndAsksForItAtTheEnd) {
  for (const Case& c : some_cases()) {
    SCOPED_TRACE(c.what);
    for (const Document& document : documents_of(c.given, c.context)) {
      ASSERT_FALSE(document.answers.empty());
      std::set<std::string> questions, words;
      for (const Answer& answer : document.answers) {
        const std::string question = question_of(document, answer);
        const std::string word = answer_text(document, answer);
        const std::size_t fact = document.text.find(question + word + ".");
        EXPECT_LT(fact, document.answers.front().begin - question.size());
        EXPECT_EQ(occurrences(document.text, question + " "), 2U) << document.text;
        EXPECT_EQ(occurrences(document.text, word), 2U) << word;
        questions.insert(question);
        words.insert(word);
      }
      EXPECT_EQ(questions.size(), document.answers.size());
      EXPECT_EQ(words.size(), document.answers.size());
      EXPECT_EQ(document.answers.back().end, document.text.size());
    }
  }
}

TEST(RecallReader, PutsNothingBetweenTheQuestions) {
  for (const Document& document : documents_of(key_value(12, 6, 8), {400, starter_tokens_in})) {
    ASSERT_EQ(document.answers.size(), 6U);
    std::string expected;
    for (const Answer& answer : document.answers) {
      expected += expected.empty() ? "" : ". ";
      expected += question_of(document, answer) + answer_text(document, answer);
    }
    const std::size_t begin = document.text.size() - expected.size();
    EXPECT_EQ(document.text.substr(begin), expected);
    EXPECT_EQ(occurrences(document.text.substr(0, begin), kLead), 12U);
  }
}

// The answer is what a model has to say after "is": its tokens are those that hold a byte of it.
TEST(RecallReader, AnswersCoverWholeTokens) {
  for (const Document& document : documents_of(key_value(8, 8, 8), {300, starter_tokens_in})) {
    std::size_t begin = 0;
    std::set<std::size_t> edges = {0};
    for (const std::int64_t id : starter().encode(document.text, Special::kNone)) {
      edges.insert(begin += starter().token_bytes(id).size());
    }
    for (const Answer& answer : document.answers) {
      EXPECT_EQ(edges.count(answer.begin), 1U);
      EXPECT_EQ(edges.count(answer.end), 1U);
    }
  }
}

TEST(RecallReader, FillsTheContextButDoesNotExceedIt) {
  for (const Case& c : some_cases()) {
    SCOPED_TRACE(c.what);
    for (const Document& document : documents_of(c.given, c.context)) {
      const std::int64_t tokens = c.context.count_tokens(document.text);
      EXPECT_LE(tokens, c.context.context_tokens);
      EXPECT_GT(static_cast<double>(tokens), 0.9 * static_cast<double>(c.context.context_tokens));
    }
  }
}

TEST(RecallReader, MakesDocumentsOfTheLengthAskedFor) {
  Given given = needle_at({}, 5);
  given["length"] = std::int64_t{200};
  for (const Document& document : documents_of(given, {1024, starter_tokens_in})) {
    EXPECT_LE(starter_tokens_in(document.text), 200);
    EXPECT_GT(starter_tokens_in(document.text), 190);
  }
}

// Depth is the share of the filler before the fact, to the nearest end of a sentence.
TEST(RecallReader, HidesTheNeedleAtItsDepth) {
  const Texts depths = {"0", "0.1", "0.25", "0.5", "0.9", "1"};
  const std::vector<Document> documents = documents_of(needle_at(depths, 12), {1000, bytes_in});
  ASSERT_EQ(documents.size(), 12U);
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const Document& document = documents[i];
    const std::string& depth = depths[i % depths.size()];
    EXPECT_EQ(document.id, "needle-" + std::to_string(i) + "-depth-" + depth);
    const Answer& answer = document.answers.front();
    const std::string question = question_of(document, answer);
    const auto before = static_cast<double>(document.text.find(kLead));
    const auto question_bytes = static_cast<double>(question.size());
    const double fact_bytes = question_bytes + 2 + static_cast<double>(answer.end - answer.begin);
    const double filler = static_cast<double>(answer.begin) - question_bytes - fact_bytes;
    EXPECT_LE(std::abs(before - std::stod(depth) * filler), 45) << document.text;
    EXPECT_EQ(before == 0, depth == "0");
    EXPECT_EQ(before == filler, depth == "1");
  }
}

TEST(RecallReader, DependsOnSeedAndNumberAlone) {
  const ReadingContext context = {300, starter_tokens_in};
  for (const char* task : {"key_value", "needle"}) {
    Given given = {{"task", std::string(task)}, {"documents", std::int64_t{6}}};
    const Texts first = texts_of(documents_of(given, context));
    EXPECT_EQ(std::set<std::string>(first.begin(), first.end()).size(), 6U);

    const std::unique_ptr<DatasetReader> reader = reader_with(given);
    reader->prepare({500, bytes_in});
    reader->next();
    reader->prepare(context);
    EXPECT_EQ(texts_of(rest_of(*reader)), first) << "after another context";
    reader->rewind();
    EXPECT_EQ(texts_of(rest_of(*reader)), first) << "again";

    given["documents"] = std::int64_t{3};
    EXPECT_EQ(texts_of(documents_of(given, context)), Texts(first.begin(), first.begin() + 3));
    given["seed"] = std::int64_t{43};
    for (const std::string& text : texts_of(documents_of(given, context))) {
      EXPECT_EQ(std::count(first.begin(), first.end(), text), 0);
    }
  }
}

TEST(RecallReader, DrawsFactsPlacesAndQuestionsAnewForEveryDocument) {
  std::set<std::string> questions, words;
  std::set<std::size_t> places, asked_first;
  for (const Document& document : documents_of(key_value(6, 3, 40), {300, starter_tokens_in})) {
    const Answer& first = document.answers.front();
    const std::string question = question_of(document, first);
    const std::size_t fact = document.text.find(question);
    questions.insert(question);
    words.insert(answer_text(document, first));
    places.insert(occurrences(document.text.substr(0, document.text.find(kLead)), "."));
    asked_first.insert(occurrences(document.text.substr(0, fact), kLead));
  }
  EXPECT_GT(questions.size(), 20U);
  EXPECT_GT(words.size(), 20U);
  EXPECT_GE(places.size(), 4U) << "as many sentences before the first fact in all of them";
  EXPECT_EQ(asked_first.size(), 6U) << "facts are asked for in their order";
}

// The built-in model was trained on these, and can answer.
TEST(RecallReader, SpeaksOfWhatTheStarterLearned) {
  const Texts& names = recall_names();
  const Texts& words = recall_words();
  for (const Document& document : documents_of(key_value(64, 64, 4), {2500, starter_tokens_in})) {
    for (const Answer& answer : document.answers) {
      const std::string question = question_of(document, answer);
      const std::string name = question.substr(kLead.size(), question.size() - kLead.size() - 3);
      EXPECT_EQ(std::count(names.begin(), names.end(), name), 1) << name;
      const std::string word = answer_text(document, answer).substr(1);
      EXPECT_EQ(std::count(words.begin(), words.end(), word), 1) << word;
    }
  }
}

}  // namespace
}  // namespace pressroom::recall_reader_test
