// Variable tracking of the reader ruler, over 500 documents: the chains that the text states.
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "ruler_test_support.h"

namespace pressroom::ruler_test {
namespace {

struct Assignment {
  std::string variable, from;  // another variable, or a number
};

// Every assignment of a text in its order.
std::vector<Assignment> assignments_in(const std::string& text) {
  static const std::regex form("^VAR ([A-Z]+) = (VAR )?([A-Z0-9]+)");
  std::vector<Assignment> found;
  for (std::size_t at = text.find("VAR "); at != std::string::npos;
       at = text.find("VAR ", at + 1)) {
    const std::string rest = text.substr(at, 40);
    std::smatch match;
    if (std::regex_search(rest, match, form)) found.push_back({match[1], match[3]});
  }
  return found;
}

// The variables that have `value` once all assignments were made, in their order.
std::vector<std::string> variables_with(const std::vector<Assignment>& assignments,
                                        const std::string& value) {
  std::map<std::string, std::string> values;
  std::vector<std::string> variables;
  for (const Assignment& assignment : assignments) {
    const auto known = values.find(assignment.from);
    values[assignment.variable] = known == values.end() ? assignment.from : known->second;
    if (values[assignment.variable] == value) variables.push_back(assignment.variable);
  }
  return variables;
}

std::string joined_by_blanks(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += " " + word;
  return text;
}

std::string value_asked_in(const std::string& question) {
  static const std::regex form(
      "^Question: Find all variables that are assigned the value ([1-9][0-9]{4}) in the text "
      "above\\. Answer: According to the chain\\(s\\) of variable assignment in the text above, "
      "([0-9]+) variables are assigned the value ([0-9]{5}), they are:$");
  std::smatch match;
  if (!std::regex_match(question, match, form)) return "not the question of the recipe";
  return match[1] == match[3] ? match[1].str() : "two values";
}

TEST(RulerTracking, AnswersAreTheVariablesOfTheChain) {
  for (const Document& document : samples_of("vt")) {
    const std::vector<Assignment> assignments = assignments_in(context_of(document));
    ASSERT_EQ(assignments.size(), 5U) << "a value and four hops";
    std::set<std::string> variables;
    for (const Assignment& assignment : assignments) {
      EXPECT_EQ(assignment.variable.size(), 5U);
      variables.insert(assignment.variable);
    }
    EXPECT_EQ(variables.size(), 5U);
    ASSERT_EQ(document.answers.size(), 1U);
    const std::string value = value_asked_in(question_of(document, 0));
    EXPECT_EQ(assignments.front().from, value);
    EXPECT_EQ(document.answers[0].references, variables_with(assignments, value));
    EXPECT_EQ(document.answers[0].references.size(), 5U);
    EXPECT_EQ(answer_text(document, document.answers[0]),
              joined_by_blanks(document.answers[0].references));
    EXPECT_EQ(spans_of(document, "evidence", 0).size(), 5U);
    for (const std::string& line : split(context_of(document), "\n")) {
      EXPECT_TRUE(line.rfind("VAR ", 0) == 0 || line.rfind("The grass is green. The sky is blue. "
                                                           "The sun is yellow. Here we go. There "
                                                           "and back again.",
                                                           0) == 0);
    }
  }
}

TEST(RulerTracking, GivesAnExampleFirstWithItsAnswer) {
  const Given given = task_with("vt", {{"documents", std::int64_t{40}}});
  std::set<std::string> examples;
  for (const std::int64_t length : {1000, 6000}) {
    SCOPED_TRACE(length);
    for (const Document& document : documents_of(given, {length, quarters})) {
      const std::vector<std::string> spans = spans_of(document, "example");
      ASSERT_EQ(spans.size(), 1U);
      const std::string& example = spans.front();
      EXPECT_EQ(document.text.rfind(example, 0), 0U);
      const std::vector<Assignment> assignments = assignments_in(example);
      ASSERT_EQ(assignments.size(), 5U);
      EXPECT_EQ(assignments.front().variable.size(), 3U);
      const std::string answer =
          joined_by_blanks(variables_with(assignments, assignments.front().from)) + "\n\n";
      EXPECT_EQ(example.substr(example.size() - answer.size()), answer);
      const std::size_t question = example.find("Question: ");
      EXPECT_EQ(value_asked_in(example.substr(question, example.size() - answer.size() - question)),
                assignments.front().from);
      EXPECT_LE(quarters(example), 501);
      if (length == 6000) {
        EXPECT_GT(quarters(example), 501 - 23);
      }
      examples.insert(example);
    }
  }
  EXPECT_EQ(examples.size(), 80U) << "an example of its own for each document";
}

TEST(RulerTracking, HidesSeveralChainsAndAsksForOneOfThem) {
  const Given given = task_with("vt", {{"documents", std::int64_t{50}},
                                       {"num_chains", std::int64_t{3}},
                                       {"num_hops", std::int64_t{2}},
                                       {"num_fewshot", std::int64_t{0}}});
  std::set<std::size_t> asked;
  for (const Document& document : documents_of(given)) {
    EXPECT_TRUE(spans_of(document, "example").empty());
    const std::vector<Assignment> assignments = assignments_in(context_of(document));
    ASSERT_EQ(assignments.size(), 9U);
    const std::string value = value_asked_in(question_of(document, 0));
    EXPECT_EQ(document.answers.at(0).references, variables_with(assignments, value));
    EXPECT_EQ(document.answers.at(0).references.size(), 3U);
    std::size_t chain = 0;
    for (const Assignment& assignment : assignments) {
      if (assignment.from == value) break;
      chain += std::isdigit(static_cast<unsigned char>(assignment.from[0])) != 0 ? 1 : 0;
    }
    asked.insert(chain);
  }
  EXPECT_EQ(asked.size(), 3U) << "the chain that begins first, second or third";
}

TEST(RulerTracking, HidesChainsInProse) {
  const Given given = task_with("vt", {{"documents", std::int64_t{20}},
                                       {"type_haystack", std::string("essay")},
                                       {"haystack", prose_file()}});
  for (const Document& document : documents_of(given)) {
    const std::vector<Assignment> assignments = assignments_in(context_of(document));
    EXPECT_EQ(document.answers.at(0).references,
              variables_with(assignments, value_asked_in(question_of(document, 0))));
    EXPECT_EQ(document.answers.at(0).references.size(), 5U);
    EXPECT_GT(times(context_of(document), " says nothing."), 30U);
  }
}

}  // namespace
}  // namespace pressroom::ruler_test
