// The metrics string_match, f1 and rouge_l, on answers made by hand. Expected values are worked out
// from the published rules on paper: of f1 2 c / (s + r) with the counts beside it, of rouge_l the
// same of distinct words. tests/peers/judged_answers.py works the same tables out with Python.
#include "judged_answers.h"

namespace pressroom::judged_words_test {
namespace {

TEST(StringMatch, TellsTheShareOfReferencesThatOccur) {
  const std::vector<JudgedCase> cases = {
      {"The numbers are 123 and 456.", {"123", "456"}, 1},
      {"It is 123.", {"123", "456"}, 0.5},
      {"It is 12.", {"123", "456"}, 0},
      {"", {"123"}, 0},
      {" \n", {"123"}, 0},
      {"ALPHA, then beta", {"alpha", "BETA"}, 1},
      {"\u00c4PFEL", {"\u00e4pfel"}, 1},
      {"two of apple, pear", {"apple", "plum", "quince"}, 1.0 / 3},
      {"1234", {"123"}, 1},     // whatever stands around it
      {"1,234", {"1234"}, 0},   // punctuation counts
      {"12\n3", {"123"}, 0},    // so do line ends
      {"12\t3", {"12\n3"}, 1},  // a control character is one
      {"x  ", {"x "}, 0},       // the text is trimmed, the reference is not
      {"\x01 abc", {"abc"}, 1},
      {"\xff abc", {"ABC"}, 1},  // a byte that is not UTF-8
      {"anything", {""}, 1},
  };
  expect_judged("string_match", {}, cases);
}

TEST(StringMatch, AnyReferenceIsEnoughWhereSo) {
  const std::vector<JudgedCase> cases = {
      {"The numbers are 123 and 456.", {"123", "456"}, 1},
      {"It is 123.", {"123", "456"}, 1},
      {"It is 12.", {"123", "456"}, 0},
      {"", {"123", "456"}, 0},
  };
  expect_judged("string_match", {{"mode", "any"}}, cases);
}

TEST(F1, CountsWordsThatAreShared) {
  const std::vector<JudgedCase> cases = {
      {"Paris", {"Paris"}, 1},
      {"paris.", {"Paris"}, 1},
      {"The Paris", {"Paris"}, 1},
      {"in Paris", {"Paris"}, 2.0 / 3},                // c 1, s 2, r 1
      {"It is in Paris, France", {"Paris"}, 1.0 / 3},  // 1, 5, 1
      {"", {"Paris"}, 0},
      {"the", {"Paris"}, 0},
      {"An", {"an"}, 0},  // no word on either side
      {"London", {"Paris"}, 0},
      {"Barack Hussein Obama", {"Obama", "Barack Obama"}, 0.8},  // the second: 2, 3, 2
      {"well-known man", {"well known man"}, 0.4},               // wellknown man: 1, 2, 3
      {"3.5", {"35"}, 1},
      {"yes yes yes", {"yes"}, 0.5},  // 1, 3, 1
      {"no no", {"no no yes"}, 0.8},  // 2, 2, 3
      {"\u00c9COLE normale", {"\u00e9cole normale"}, 1},
      {"a\u2014b", {"\u2014b"}, 1},                   // an article before a dash of Unicode
      {"th\u00e9\u00e2tre", {"\u00e9\u00e2tre"}, 0},  // none within a word
      {" Paris\u00a0France ", {"France, Paris"}, 1},  // a no-break space
      {"\u201cParis\u201d", {"Paris"}, 0},            // typographic quotes stay
  };
  expect_judged("f1", {}, cases);
}

TEST(RougeL, CountsDistinctWordsOfLongestCommonSubsequences) {
  const std::vector<JudgedCase> cases = {
      {"the cat sat", {"the cat sat"}, 1},
      {"the cat", {"the cat sat"}, 0.8},                    // u 2, s 2, r 3
      {"I think the cat sat on it", {"the cat sat"}, 0.6},  // 3, 7, 3
      {"", {"the cat sat"}, 0},
      {"...", {"the cat sat"}, 0},
      {"a dog", {"the cat sat"}, 0},
      {"The cat sat", {"the cat sat"}, 2.0 / 3},  // case counts: 2, 3, 3
      {"sat, down", {"sat down"}, 0.5},           // so does punctuation: 1, 2, 2
      {"sat cat the", {"the cat sat"}, 1.0 / 3},  // and order within a sentence: 1, 3, 3
      {"cat the sat", {"the cat sat"}, 2.0 / 3},  // 2, 3, 3
      {"c d. a b.", {"a b. c d."}, 1},            // not of sentences
      {"the the the cat", {"the cat"}, 1},        // distinct words: 2, 2, 2
      {"the\n cat", {"the cat"}, 1},
      {"3.5 km", {"3.5 km"}, 1},
      {"a b. ", {"a b"}, 0.8},  // an empty word: 2, 3, 2
      {"b a", {"a b"}, 0.5},    // 1, 2, 2
      {"y x. x", {"x y"}, 1},   // of "y x" it is y that counts, x of the other sentence: 2, 2, 2
      {"the cat", {"x", "the cat"}, 1},
  };
  expect_judged("rouge_l", {}, cases);
}

TEST(JudgedAnswers, AreTheMeanOverAnswersAndToldOfEachDocumentAndAnswer) {
  const std::vector<MetricValue> values =
      judged_documents("string_match", {},
                       {{generated_answer("12", {"12"}), generated_answer("x", {"12", "x"})},
                        {},
                        {generated_answer("", {"12"})}});
  ASSERT_EQ(values.size(), 1U);
  EXPECT_EQ(values[0].name, "string_match");
  EXPECT_EQ(values[0].unit, "1");
  EXPECT_EQ(values[0].direction, Direction::kHigherIsBetter);
  EXPECT_DOUBLE_EQ(values[0].value, 0.5);
  EXPECT_EQ(values[0].documents, (std::vector<std::optional<double>>{0.75, std::nullopt, 0}));
  EXPECT_EQ(values[0].answers, (std::vector<std::vector<double>>{{1, 0.5}, {}, {0}}));
}

TEST(JudgedAnswers, AreNamedByWhatIsAsked) {
  const std::vector<std::vector<AnswerText>> one = {{generated_answer("5", {"5"}, {"5"})}};
  EXPECT_EQ(judged_documents("string_match", {{"mode", "any"}}, one)[0].name, "string_match_any");
  EXPECT_EQ(judged_documents("first_number", {}, one)[0].name, "first_number");
  EXPECT_EQ(judged_documents("first_number", {{"which", "last"}}, one)[0].name, "last_number");
  for (const char* name : {"f1", "rouge_l", "boxed", "choice"}) {
    EXPECT_EQ(judged_documents(name, {}, one)[0].name, name);
  }
}

TEST(JudgedAnswers, AskForGeneratedText) {
  for (const char* name : {"string_match", "f1", "rouge_l", "first_number", "boxed", "choice"}) {
    const MeasurementNeeds needs = judging_metric(name, {})->needs();
    EXPECT_TRUE(needs.answer_texts && needs.generated_answers) << name;
  }
  const MeasurementNeeds needs = judging_metric("exact_match", {})->needs();
  EXPECT_TRUE(needs.answer_texts && !needs.generated_answers);
}

TEST(JudgedAnswers, RefuseWhatIsNoneOfTheirs) {
  AnswerText forced = generated_answer("", {"12"});
  forced.is_generated = false;
  const auto problem = [](const std::string& name, const std::vector<AnswerText>& answers) {
    try {
      judged_documents(name, {}, {{}, answers});
    } catch (const Error& error) {
      return error.problems().front();
    }
    return Problem();
  };
  EXPECT_EQ(problem("f1", {}).what, "f1 has nothing to judge");
  EXPECT_EQ(problem("f1", {forced}).where, "document 1, question 0");
  EXPECT_EQ(problem("f1", {forced}).got, "answers that were only forced");
  EXPECT_EQ(problem("choice", {generated_answer("A", {"A"})}).what,
            "choice has no options to choose from");
  EXPECT_EQ(problem("choice", {generated_answer("A", {"Oslo"}, {"Rome"})}).what,
            "a reference is none of the options");
  EXPECT_EQ(problem("first_number", {generated_answer("12", {"twelve"})}).what,
            "a reference has no number");
}

}  // namespace
}  // namespace pressroom::judged_words_test
