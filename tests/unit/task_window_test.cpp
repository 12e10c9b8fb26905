// How documents that ask for something become tokens.
#include "campaign/task_window.h"

#include <gtest/gtest.h>

#include "byte_tokenizer.h"
#include "config/config.h"
#include "plugin_test_support.h"
#include "pressroom/error.h"
#include "test_folders.h"

namespace pressroom::task_window_test {
namespace {

class TaskWindow : public testing::Test {
 protected:
  TaskWindow() {
    write_file(folder_.path() / "tokenizer.json", byte_tokenizer_json());
    bytes_ = Tokenizer::load(folder_.path() / "tokenizer.json");
    words_ = Tokenizer::load(test_dir() / "../datasets/starter/tokenizer.json");
  }

  Window window(const Document& document, const std::string& protocol,
                std::int64_t context = 200) const {
    return task_window(document, context, parse_protocol(protocol, "the test"), *bytes_);
  }

  ScratchFolder folder_;
  std::unique_ptr<Tokenizer> bytes_;
  std::unique_ptr<Tokenizer> words_;
};

// 0         1         2         3         4
// 01234567890123456789012345678901234567890123456
// A is red. B is blue. What is A? red; What is B? blue
Document colours() {
  Document document;
  document.id = "colours";
  document.text = "A is red. B is blue. What is A? red; What is B? blue";
  document.context_end = 21;
  Answer red;
  red.begin = 31;
  red.end = 35;
  Answer blue;
  blue.begin = 47;
  blue.end = 52;
  blue.question = 37;
  blue.references = {"blue", "azure"};
  blue.id = "of B";
  document.answers = {red, blue};
  document.spans = {{"evidence", 0, 9, 0}, {"evidence", 10, 20, 1}, {"question", 37, 47}};
  return document;
}

TEST_F(TaskWindow, TellsQuestionsAnswersAndSpansInTokens) {
  const Window asked = window(colours(), "questions");
  // "; " stands between the questions and belongs to neither.
  EXPECT_EQ(bytes_->decode(asked.tokens.ids), "A is red. B is blue. What is A? redWhat is B? blue");
  ASSERT_EQ(asked.tokens.questions.size(), 2U);
  EXPECT_EQ(asked.tokens.questions[0].begin, 21);
  EXPECT_EQ(asked.tokens.questions[0].answer, 31);
  EXPECT_EQ(asked.tokens.questions[0].end, 35);
  EXPECT_EQ(asked.tokens.questions[1].begin, 35);
  EXPECT_EQ(asked.tokens.questions[1].answer, 45);
  EXPECT_EQ(asked.tokens.questions[1].end, 50);
  EXPECT_EQ(asked.answers[1].begin, 45);
  EXPECT_EQ(asked.answers[1].end, 50);
  ASSERT_EQ(asked.tokens.spans.size(), 3U);
  EXPECT_EQ(asked.tokens.spans[0].begin, 0);
  EXPECT_EQ(asked.tokens.spans[0].end, 9);
  EXPECT_EQ(asked.tokens.spans[1].answer, 1);
  EXPECT_EQ(asked.tokens.spans[2].begin, 35);
  EXPECT_EQ(asked.tokens.spans[2].end, 45);
  EXPECT_EQ(asked.asked[0].id, "0");
  EXPECT_EQ(asked.asked[0].question, "What is A?");
  EXPECT_EQ(asked.asked[0].expected, " red");
  EXPECT_EQ(asked.asked[0].references, std::vector<std::string>{"red"});
  EXPECT_EQ(asked.asked[1].id, "of B");
  EXPECT_EQ(asked.asked[1].question, "What is B?");
  EXPECT_EQ(asked.asked[1].references, (std::vector<std::string>{"blue", "azure"}));
}

TEST_F(TaskWindow, LeavesNothingOutWhereQuestionsFollowEachOther) {
  const Window turns = window(colours(), "{kind: questions, asked: turns}");
  EXPECT_EQ(bytes_->decode(turns.tokens.ids), colours().text);
  EXPECT_EQ(turns.tokens.questions[1].begin, 35);
  EXPECT_EQ(turns.tokens.questions[1].answer, 47);
  const Window stream = window(colours(), "stream");
  EXPECT_EQ(bytes_->decode(stream.tokens.ids), colours().text);
  EXPECT_TRUE(stream.tokens.questions.empty());
  EXPECT_EQ(stream.answers[1].begin, 47);
  EXPECT_EQ(stream.tokens.spans[2].begin, 37);
}

// With tokens of several bytes, too: a question has the tokens it has behind the context.
TEST_F(TaskWindow, GivesAQuestionItsTokensWhateverWasAskedBefore) {
  const Protocol protocol = parse_protocol("questions", "the test");
  const Document both = colours();
  Document second = both;
  second.text = both.text.substr(0, 21) + both.text.substr(37);
  second.answers = {both.answers[1]};
  second.answers[0].question = 0;
  second.answers[0].begin -= 16;
  second.answers[0].end -= 16;
  second.spans.clear();
  const Window of_both = task_window(both, 200, protocol, *words_);
  const Window alone = task_window(second, 200, protocol, *words_);
  const auto question = [](const Window& window, std::size_t index) {
    const QuestionTokens& tokens = window.tokens.questions[index];
    const auto ids = window.tokens.ids.begin();
    return std::vector<std::int64_t>(ids + tokens.begin, ids + tokens.end);
  };
  EXPECT_EQ(question(of_both, 1), question(alone, 0));
}

TEST_F(TaskWindow, HasAHashOfAllThatAnswersAreJudgedBy) {
  const Window first = window(colours(), "questions");
  Document other = colours();
  other.answers[1].references = {"blue"};
  EXPECT_NE(window(other, "questions").task_sha256, first.task_sha256);
  other = colours();
  other.spans.pop_back();
  EXPECT_NE(window(other, "questions").task_sha256, first.task_sha256);
  EXPECT_EQ(window(colours(), "questions").task_sha256, first.task_sha256);
  Document plain = colours();
  plain.spans.clear();
  plain.answers[1] = {47, 52};
  // Results of documents that say no more than they did before stay what they are.
  EXPECT_EQ(window(plain, "stream").task_sha256, "");
}

TEST_F(TaskWindow, RefusesWhatCannotBeAsked) {
  struct Case {
    const char* what;
    std::function<void(Document&)> spoil;
  };
  const std::vector<Case> cases = {
      {"no context", [](Document& d) { d.context_end = 0; }},
      {"a context that ends in an answer", [](Document& d) { d.context_end = 33; }},
      {"a question without a byte", [](Document& d) { d.context_end = 31; }},
      {"an empty answer", [](Document& d) { d.answers[0].end = 31; }},
      {"an answer beyond the text", [](Document& d) { d.answers[1].end = 53; }},
      {"two questions of one id", [](Document& d) { d.answers[1].id = "0"; }},
      {"a span beyond the text", [](Document& d) { d.spans[0].end = 99; }},
      {"a span of no answer", [](Document& d) { d.spans[0].answer = 2; }}};
  for (const Case& bad : cases) {
    SCOPED_TRACE(bad.what);
    Document document = colours();
    bad.spoil(document);
    EXPECT_THROW(window(document, "questions"), Error);
  }
  EXPECT_THROW(window(colours(), "questions", 49), Error);
  EXPECT_NO_THROW(window(colours(), "questions", 50));
}

// Its tokens are bytes, but all digits are one.
class NumberlessTokenizer final : public Tokenizer {
 public:
  std::vector<std::int64_t> encode(std::string_view text, Special) const override {
    std::vector<std::int64_t> ids;
    for (const char c : text) ids.push_back(c >= '0' && c <= '9' ? '#' : c);
    return ids;
  }
  std::string decode(const std::vector<std::int64_t>& ids) const override {
    return {ids.begin(), ids.end()};
  }
  std::string token_bytes(std::int64_t id) const override { return {static_cast<char>(id)}; }
  std::int64_t vocabulary_size() const override { return 128; }
};

TEST_F(TaskWindow, RefusesATokenizerThatCannotTellAnswersApart) {
  Document numbers;
  numbers.id = "numbers";
  numbers.text = "A is 17. B is 42. What is A? 17";
  numbers.context_end = 18;
  numbers.answers.resize(1);
  numbers.answers[0].begin = 28;
  numbers.answers[0].end = 31;
  for (const char* protocol : {"questions", "stream"}) {
    SCOPED_TRACE(protocol);
    EXPECT_NO_THROW(window(numbers, protocol));
    try {
      task_window(numbers, 200, parse_protocol(protocol, "the test"), NumberlessTokenizer());
      ADD_FAILURE() << "it was not refused";
    } catch (const Error& error) {
      const Problem& problem = error.problems().front();
      EXPECT_EQ(problem.where, "numbers");
      EXPECT_EQ(problem.expected, "\"17\"");
      EXPECT_EQ(problem.got, "\" ##\"");
    }
  }
}

}  // namespace
}  // namespace pressroom::task_window_test
