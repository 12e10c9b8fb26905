// The readers kv_retrieval, prefix_suffix and math_find, as the plugins they are: what they ask can
// be answered from the context alone, and their documents fill what they were given.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "made_tasks_test_support.h"

namespace pressroom::made_tasks_test {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kDocuments = 200;
constexpr std::int64_t kSpare = 8;  // tokens that documents leave free, beside one a question

// The answers to a question that a reading of the context gives: one, where the task is sound.
using Reading = Texts (*)(const std::string& context, const std::string& question);

Texts read_object(const std::string& context, const std::string& question) {
  static const std::regex form(
      "\n\nKey: \"([0-9a-f-]+)\"\nThe value associated with the specified key is:");
  std::smatch key;
  EXPECT_TRUE(std::regex_match(question, key, form));
  return {Json::parse(context).at(key[1].str())};
}

Texts read_strings(const std::string& context, const std::string& question) {
  static const std::regex form(
      "\n\nThe string that begins with \"(....)\" and ends with \"(....)\" is:");
  std::smatch ends;
  EXPECT_TRUE(std::regex_match(question, ends, form));
  Texts found;
  std::istringstream lines(context);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_EQ(line.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789"), std::string::npos);
    EXPECT_GE(line.size(), 16U);
    EXPECT_LE(line.size(), 32U);
    if (line.substr(0, 4) == ends[1] && line.substr(line.size() - 4) == ends[2]) {
      found.push_back(line);
    }
  }
  return found;
}

Texts read_numbers(const std::string& context, const std::string& question) {
  std::vector<std::int64_t> numbers = Json::parse(context);
  std::sort(numbers.begin(), numbers.end());
  EXPECT_EQ(numbers.size() % 2, 1U);
  const std::map<std::string, std::size_t> places = {{"smallest number", 0},
                                                     {"second smallest number", 1},
                                                     {"third smallest number", 2},
                                                     {"largest number", numbers.size() - 1},
                                                     {"second largest number", numbers.size() - 2},
                                                     {"third largest number", numbers.size() - 3},
                                                     {"median", numbers.size() / 2}};
  static const std::regex form("\n\nThe (.*) of the list is:");
  std::smatch name;
  EXPECT_TRUE(std::regex_match(question, name, form));
  return {std::to_string(numbers[places.at(name[1])])};
}

struct Case {
  std::string reader;
  Given given;
  ReadingContext context;
  std::int64_t questions;
  std::int64_t record_tokens;  // the most that one more record takes
  Reading read;
};

Given with(Given given) {
  if (given.count("documents") == 0) given["documents"] = kDocuments;
  return given;
}

std::vector<Case> cases() {
  const std::string numbers = "numbers";
  return {{"kv_retrieval", with({}), {3000, bytes_in}, 5, 80, read_object},
          {"kv_retrieval",
           with({{"keys", numbers}, {"values", numbers}, {"questions", std::int64_t{8}}}),
           {2000, bytes_in},
           8,
           22,
           read_object},
          {"kv_retrieval",
           with({{"documents", std::int64_t{10}}}),
           {1024, starter_tokens_in},
           5,
           90,
           read_object},
          {"prefix_suffix", with({}), {2500, bytes_in}, 5, 33, read_strings},
          {"prefix_suffix",
           with({{"questions", std::int64_t{2}}, {"decoys", std::int64_t{3}}}),
           {900, bytes_in},
           2,
           33,
           read_strings},
          {"math_find", with({}), {2000, bytes_in}, 5, 14, read_numbers},
          {"math_find",
           with({{"questions", std::int64_t{7}}, {"digits", std::int64_t{2}}}),
           {420, bytes_in},
           7,
           8,
           read_numbers},
          {"math_find",
           with({{"documents", std::int64_t{10}}}),
           {1024, starter_tokens_in},
           5,
           14,
           read_numbers}};
}

TEST(MadeTasks, AskWhatTheContextAnswers) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.reader);
    const std::vector<Document> documents = made_documents(c.reader, c.given, c.context);
    EXPECT_EQ(documents.size(),
              static_cast<std::size_t>(std::get<std::int64_t>(c.given.at("documents"))));
    for (const Document& document : documents) {
      ASSERT_EQ(document.answers.size(), static_cast<std::size_t>(c.questions));
      const std::string context = span_texts(document, "context").at(0);
      EXPECT_EQ(document.text.find(context) + context.size(), document.context_end);
      std::set<std::string> questions, answers;
      for (std::size_t q = 0; q < document.answers.size(); ++q) {
        const Answer& answer = document.answers[q];
        const std::string question = question_text(document, q);
        const std::string text = text_of(document, answer);
        EXPECT_EQ(Texts{text.substr(1)}, c.read(context, question));
        EXPECT_EQ(text.substr(0, 1), " ");
        EXPECT_EQ(span_texts(document, "question").at(q), question);
        questions.insert(question);
        answers.insert(text);
        EXPECT_EQ(answer.most_tokens, c.context.count_tokens(text) + kSpare);
      }
      EXPECT_EQ(questions.size(), document.answers.size());
      EXPECT_EQ(answers.size(), document.answers.size());
      EXPECT_EQ(document.answers.back().end, document.text.size());
      EXPECT_EQ(document.stop, Texts{"\n"});
    }
  }
}

// Where the answer stands in the context, and nothing else.
TEST(MadeTasks, NameTheEvidenceOfEachAnswer) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.reader);
    for (const Document& document : made_documents(c.reader, c.given, c.context)) {
      for (std::size_t q = 0; q < document.answers.size(); ++q) {
        const Texts evidence = span_texts(document, "evidence", static_cast<std::int64_t>(q));
        ASSERT_EQ(evidence.size(), 1U);
        const std::string answer = text_of(document, document.answers[q]).substr(1);
        if (c.reader != "kv_retrieval") {
          EXPECT_EQ(evidence[0], answer);
          continue;
        }
        const Json pair = Json::parse('{' + evidence[0] + '}');
        EXPECT_EQ(pair.size(), 1U);
        EXPECT_EQ(pair.begin().value(), answer);
        EXPECT_TRUE(has(question_text(document, q), pair.begin().key()));
      }
    }
  }
}

TEST(MadeTasks, FillTheContextToWithinOneRecord) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.reader);
    for (const Document& document : made_documents(c.reader, c.given, c.context)) {
      const std::int64_t tokens = c.context.count_tokens(document.text) + kSpare + c.questions;
      EXPECT_LE(tokens, c.context.context_tokens);
      EXPECT_GT(tokens, c.context.context_tokens - c.record_tokens) << document.provenance;
    }
  }
}

// Of 1,000 questions, in how many tenths of the context their evidence stands.
TEST(MadeTasks, AskForAllPartsOfTheContextAlike) {
  for (const std::string reader : {"kv_retrieval", "prefix_suffix", "math_find"}) {
    SCOPED_TRACE(reader);
    std::vector<int> in_tenth(10);
    for (const Document& document : made_documents(reader, with({}), {3500, bytes_in})) {
      const auto context = static_cast<double>(span_texts(document, "context").at(0).size());
      const double begin = static_cast<double>(document.context_end) - context;
      for (const Span& span : document.spans) {
        if (span.name != "evidence") continue;
        const double depth = (static_cast<double>(span.begin) - begin) / context;
        ++in_tenth.at(static_cast<std::size_t>(10 * depth));
      }
    }
    // 100 on average, with a standard deviation of 9.5.
    for (const int count : in_tenth) EXPECT_NEAR(count, 100, 48);
  }
}

TEST(MadeTasks, PrefixSuffixHasDecoysThatShareOneEnd) {
  for (const std::int64_t decoys : {0, 1, 4}) {
    const Given given = with({{"decoys", decoys}, {"questions", std::int64_t{3}}});
    for (const Document& document : made_documents("prefix_suffix", given, {3000, bytes_in})) {
      std::vector<std::string> strings;
      std::istringstream lines(span_texts(document, "context").at(0));
      for (std::string line; std::getline(lines, line);) strings.push_back(line);
      for (const Answer& answer : document.answers) {
        const std::string text = text_of(document, answer).substr(1);
        std::int64_t begins = 0, ends = 0;
        for (const std::string& other : strings) {
          begins += other.substr(0, 4) == text.substr(0, 4) ? 1 : 0;
          ends += other.substr(other.size() - 4) == text.substr(text.size() - 4) ? 1 : 0;
        }
        EXPECT_EQ(begins, 1 + decoys);
        EXPECT_EQ(ends, 1 + decoys);
      }
    }
  }
}

TEST(MadeTasks, KvRetrievalHasRandomUuidsOrNumbers) {
  std::set<std::string> all;
  const std::regex number("[1-9][0-9]{6}");
  const std::regex uuid("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  const Given given = with({{"values", std::string("numbers")}});
  std::size_t pairs = 0;
  for (const Document& document : made_documents("kv_retrieval", given, {4000, bytes_in})) {
    std::set<std::string> numbers;
    const Json object = Json::parse(span_texts(document, "context").at(0));
    for (const auto& [key, value] : object.items()) {
      EXPECT_TRUE(std::regex_match(key, uuid)) << key;
      EXPECT_TRUE(std::regex_match(value.get<std::string>(), number));
      all.insert(key);
      numbers.insert(value);
    }
    EXPECT_EQ(numbers.size(), object.size());
    pairs += object.size();
  }
  EXPECT_EQ(all.size(), pairs) << "a key in two documents";
}

TEST(MadeTasks, DependOnSeedAndNumberAlone) {
  const std::vector<std::pair<std::string, Given>> readers = {
      {"kv_retrieval", {}},
      {"prefix_suffix", {}},
      {"math_find", {}},
      {"state_tracking", {}},
      {"state_tracking", {{"task", std::string("countdown")}}}};
  const ReadingContext context = {1024, starter_tokens_in};
  for (const auto& [name, parameters] : readers) {
    SCOPED_TRACE(name);
    Given given = parameters;
    given["documents"] = std::int64_t{6};
    const std::vector<Document> documents = made_documents(name, given, context);
    const Texts first = texts_of(documents);
    const Texts ids = ids_of(documents);
    EXPECT_EQ(std::set<std::string>(first.begin(), first.end()).size(), 6U);
    EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 6U);

    const std::unique_ptr<DatasetReader> reader = reader_of(name, given);
    reader->prepare({5000, bytes_in});
    reader->next();
    reader->prepare(context);
    EXPECT_EQ(texts_of(rest_of(*reader)), first) << "after another context";
    reader->rewind();
    EXPECT_EQ(texts_of(rest_of(*reader)), first) << "again";

    given["documents"] = std::int64_t{3};
    EXPECT_EQ(texts_of(made_documents(name, given, context)),
              Texts(first.begin(), first.begin() + 3));
    given["seed"] = std::int64_t{43};
    for (const std::string& text : texts_of(made_documents(name, given, context))) {
      EXPECT_EQ(std::count(first.begin(), first.end(), text), 0);
    }
  }
}

TEST(MadeTasks, RefuseWhatDoesNotFit) {
  struct Refusal {
    std::string reader;
    Given given;
    std::int64_t context;
    std::string what, part_of_expected, got;
  };
  const auto number = [](std::int64_t value) { return ParameterValue(value); };
  const std::vector<Refusal> refusals = {
      {"kv_retrieval", {}, 900, "the task does not fit into its length", "5 pairs", "900 tokens"},
      {"prefix_suffix",
       {},
       500,
       "the task does not fit into its length",
       "15 strings",
       "500 tokens"},
      {"math_find",
       {},
       200,
       "the task does not fit into its length",
       "3 pairs of numbers",
       "200 tokens"},
      {"math_find",
       {{"digits", number(2)}},
       3000,
       "there are not enough different pairs of numbers to fill the length",
       "more than 22",
       "3000 tokens"},
      {"kv_retrieval",
       {{"length", number(3000)}},
       2000,
       "documents are longer than the context",
       "2000 tokens",
       "3000"}};
  for (const Refusal& refusal : refusals) {
    SCOPED_TRACE(refusal.reader + ' ' + refusal.got);
    const Problem problem =
        made_problem(refusal.reader, refusal.given, {refusal.context, bytes_in});
    EXPECT_EQ(problem.what, refusal.what);
    EXPECT_TRUE(has(problem.expected, refusal.part_of_expected)) << problem.expected;
    EXPECT_EQ(problem.got, refusal.got);
    EXPECT_NE(problem.fix, "");
  }
}

// The message names the fewest tokens that are enough.
TEST(MadeTasks, FitIntoWhatTheMessageAsksFor) {
  for (const std::string reader :
       {"kv_retrieval", "prefix_suffix", "math_find", "state_tracking"}) {
    const std::string expected = made_problem(reader, {}, {50, bytes_in}).expected;
    std::smatch tokens;
    ASSERT_TRUE(std::regex_search(expected, tokens, std::regex("at least ([0-9]+) tokens")));
    const std::int64_t least = std::stoll(tokens[1]);
    const Given one = {{"documents", std::int64_t{1}}};
    EXPECT_EQ(made_documents(reader, one, {least, bytes_in}).size(), 1U);
    made_problem(reader, one, {least - 1, bytes_in});
  }
}

}  // namespace
}  // namespace pressroom::made_tasks_test
