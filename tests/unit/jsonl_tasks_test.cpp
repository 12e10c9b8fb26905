// The reader jsonl on records that ask something: how texts are put together, and what is refused.
#include <gtest/gtest.h>

#include "jsonl_tasks_test_support.h"

namespace pressroom::jsonl_tasks_test {
namespace {

TEST_F(JsonlTaskFiles, FillPlacesWithWhateverTheyHold) {
  Given given = record(
      R"({"c": "see {question}", "q": "what is {options}?", "a": "B", "o": ["{question}", "x"]})");
  given["options_field"] = as_text("o");
  EXPECT_EQ(documents_of("jsonl", given).at(0).text,
            "see {question}\n\nQuestion: what is {options}?\nA. {question}\nB. x\nAnswer: B");
  given["template"] = as_text("{context} {options} {question}");
  EXPECT_EQ(documents_of("jsonl", given).at(0).text,
            "see {question} A. {question}\nB. x what is {options}? B");
}

TEST_F(JsonlTaskFiles, SeparateQuestionsThatDoNotBeginWithWhiteSpace) {
  Given given = record(R"({"qs": [{"q": "1?", "a": "x"}, {"q": "2?", "a": "y"}]})");
  given["context_field"] = as_text("");
  given["questions_field"] = as_text("qs");
  given["template"] = as_text("{question}");
  EXPECT_EQ(documents_of("jsonl", given).at(0).text, "1? x\n\n2? y");
}

TEST_F(JsonlTaskFiles, SayWhatIsWrongWithARecord) {
  struct Case {
    std::string line, what, got;
  };
  const std::vector<Case> cases = {
      {R"({"c": "x", "q": "?"})", "the record has no field \"a\"", "the fields c, q"},
      {R"({"c": "x", "a": "y"})", "the record has no field \"q\"", "the fields a, c"},
      {R"({"q": "?", "a": "y"})", "the record has no field \"c\"", "the fields a, q"},
      {R"({"c": "x", "q": "?", "a": []})", "a question has no answers", "an empty list"},
      {R"({"c": "x", "q": "?", "a": " "})", "an answer is empty", "\" \""},
      {R"({"c": "x", "q": "?", "a": ["y", ""]})", "an answer is empty", "no text"},
      {R"({"c": "x", "q": " ", "a": "y"})", "a question is empty", "none"},
      {R"({"c": "x", "q": 5, "a": "y"})", "the field \"q\" cannot be used", "number"},
      {R"({"c": "x", "q": "?", "a": null})", "the field \"a\" cannot be used", "null"},
      {R"({"c": "x", "q": "?", "a": [["y"]]})", "the field \"a\" cannot be used", "array"},
      {R"({"c": {}, "q": "?", "a": "y"})", "the field \"c\" cannot be used", "object"},
      {R"({"c": [{}], "q": "?", "a": "y"})", "the field \"c\" cannot be used", "object in a list"}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.line);
    Given given = record(R"({"c": "x", "q": "?", "a": "first"})" + as_text("\n") + c.line);
    const Problem problem = problem_of("jsonl", given);
    EXPECT_EQ(problem.what, c.what);
    EXPECT_EQ(problem.where, std::get<std::string>(given.at("path")) + ":2");
    EXPECT_EQ(problem.got, c.got);
    EXPECT_NE(problem.fix, "");
    given["on_bad_line"] = as_text("skip");
    EXPECT_EQ(ids_of(documents_of("jsonl", given)), Texts{"r.jsonl#1"});
  }
}

TEST_F(JsonlTaskFiles, SayWhatIsWrongWithOneOfSeveralQuestions) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"([])", "the record asks nothing"},
      {R"("?")", "the field \"qs\" cannot be used"},
      {R"(["?"])", "the field \"qs\" cannot be used"},
      {R"([{"q": "?", "a": "y"}, {"q": "?"}])", "the record has no field \"a\""},
      {R"([{"q": "?", "a": "y"}, {"q": "?", "a": []}])", "a question has no answers"}};
  for (const auto& [list, what] : cases) {
    Given given = record(R"({"c": "x", "qs": )" + list + "}");
    given["questions_field"] = as_text("qs");
    EXPECT_EQ(problem_of("jsonl", given).what, what) << list;
  }
}

TEST_F(JsonlTaskFiles, RefuseOptionsThatDoNotHaveTheAnswer) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"("a": "z", "o": ["x", "y"])", "the answer is none of the options"},
      {R"("a": "C", "o": ["x", "y"])", "the answer is none of the options"},
      {R"("a": "x", "o": ["x"])", "a choice has too few options"},
      {R"("a": "x", "o": "xy")", "a choice has too few options"}};
  for (const auto& [fields, what] : cases) {
    Given given = record(R"({"c": "x", "q": "?", )" + fields + "}");
    given["options_field"] = as_text("o");
    EXPECT_EQ(problem_of("jsonl", given).what, what) << fields;
  }
}

TEST_F(JsonlTaskFiles, RefuseAnAnswerThatDoesNotOccurWhereItMust) {
  Given given = record(R"({"c": "the cat", "q": "?", "a": ["dog", "hound"]})");
  EXPECT_EQ(documents_of("jsonl", given).size(), 1U);
  given["answer_must_occur"] = true;
  const Problem problem = problem_of("jsonl", given);
  EXPECT_EQ(problem.what, "an answer does not occur in the context");
  EXPECT_EQ(problem.got, "dog, hound");
}

TEST_F(JsonlTaskFiles, RefuseAnAnswerWithoutWhatItFollows) {
  Given given = record(R"({"c": "x", "q": "?", "a": "7 is it"})");
  given["answer_after"] = as_text("#### ");
  EXPECT_EQ(problem_of("jsonl", given).what, "an answer has no \"#### \" in it");
  given = record(R"({"c": "x", "q": "?", "a": "7 #### "})");
  given["answer_after"] = as_text("#### ");
  EXPECT_EQ(problem_of("jsonl", given).what, "an answer is empty");
}

TEST_F(JsonlTaskFiles, RefuseTwoTasksOfOneId) {
  const std::string line = R"({"c": "x", "q": "?", "a": "y", "id": 7})";
  Given given = record(line + "\n" + line);
  given["id_field"] = as_text("id");
  given["on_bad_line"] = as_text("skip");
  EXPECT_EQ(problem_of("jsonl", given).what, "two records have one id");
}

TEST_F(JsonlTaskFiles, RefuseParametersThatContradictEachOther) {
  const Given whole = record(R"({"c": "x", "q": "?", "a": "y"})");
  const std::vector<std::pair<Given, std::string>> cases = {
      {{{"answers_field", as_text("")}}, "a task has questions without answers"},
      {{{"context_field", as_text("")}, {"answer_must_occur", true}},
       "answers cannot occur in a context that there is not"},
      {{{"template", as_text("{context} {input}")}}, "the template has an unknown place"},
      {{{"template", as_text("{question}")}}, "the template does not say where something stands"},
      {{{"template", as_text("{context}{question}{question}")}},
       "the template does not say where something stands"},
      {{{"template", as_text("{context}{question}{options}")}},
       "the template has a place for what records do not have"},
      {{{"template", as_text("{question}{context}")}}, "the question stands before the context"}};
  for (const auto& [changes, what] : cases) {
    Given given = whole;
    for (const auto& [name, value] : changes) given[name] = value;
    const Problem problem = problem_of("jsonl", given);
    EXPECT_EQ(problem.what, what);
    EXPECT_NE(problem.fix, "");
  }
  const Given plain = {{"path", whole.at("path")}, {"on_long", as_text("skip")}};
  EXPECT_EQ(problem_of("jsonl", plain).what, "a task has questions without answers");
}

TEST_F(JsonlTaskFiles, RefusesFieldsOfTooManyValuesOrLevels) {
  std::string million = "[1";
  for (int i = 0; i < 1000000; ++i) million += ",1";
  EXPECT_EQ(problem_of("jsonl", record(R"({"c": )" + million + R"(], "q": "?", "a": "y"})")).got,
            "more than a million values");
  const std::string deep = std::string(100000, '[') + std::string(100000, ']');
  EXPECT_EQ(problem_of("jsonl", record(R"({"c": )" + deep + R"(, "q": "?", "a": "y"})")).got,
            "more than 16 levels of lists and objects");
  // Those that are not asked for may hold anything.
  const Given given = record(R"({"c": "x", "q": "?", "a": "y", "other": )" + deep + "}");
  EXPECT_EQ(documents_of("jsonl", given).size(), 1U);
}

}  // namespace
}  // namespace pressroom::jsonl_tasks_test
