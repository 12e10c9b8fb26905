// The reader jsonl on records that ask something and are longer than the context.
#include <gtest/gtest.h>

#include "jsonl_tasks_test_support.h"

namespace pressroom::jsonl_long_tasks_test {
namespace {

// Three tasks, the second of which is too long: 40, 240 and 40 bytes.
std::string long_task() {
  const auto line = [](const std::string& context) {
    return R"({"c": ")" + context + R"(", "q": "What?", "a": "it"})" + "\n";
  };
  std::string digits;
  for (int i = 0; i < 22; ++i) digits += "0123456789";
  return line("one and two") + line(digits) + line("one and ten");
}

TEST_F(JsonlTaskFiles, RefuseATaskThatIsTooLong) {
  Given given = record(long_task());
  given["template"] = as_text("{context} {question}");
  const std::string at_2 = std::get<std::string>(given.at("path")) + ":2";
  try {
    documents_in(given, {101, bytes_in});
    ADD_FAILURE() << "no Error was thrown";
  } catch (const Error& error) {
    const Problem& problem = error.problems().at(0);
    EXPECT_EQ(problem.what, "a record is longer than the context");
    EXPECT_EQ(problem.where, at_2);
    EXPECT_EQ(problem.expected, "at most 100 tokens with question and answer");
    EXPECT_EQ(problem.got, "229 tokens");
  }
  EXPECT_EQ(documents_in(given, {230, bytes_in}).size(), 3U);
}

TEST_F(JsonlTaskFiles, LeaveOutATaskThatIsTooLongAndCountIt) {
  Given given = record(long_task());
  given["on_long"] = as_text("skip");
  const std::unique_ptr<DatasetReader> reader = reader_of("jsonl", given);
  for (int pass = 0; pass < 2; ++pass) {
    reader->prepare({100, bytes_in});
    const std::vector<Document> documents = rest_of(*reader);
    EXPECT_EQ(ids_of(documents), (Texts{"r.jsonl#1", "r.jsonl#3"}));
    EXPECT_FALSE(has(documents[0].provenance, "too long"));
    EXPECT_TRUE(has(documents[1].provenance, ", 1 too long before it"));
    EXPECT_EQ(reader->sources().at(0).documents, 2);
    EXPECT_EQ(reader->sources().at(0).skipped, 1);
  }
  given["max_documents"] = std::int64_t{2};
  EXPECT_EQ(ids_of(documents_in(given, {100, bytes_in})), (Texts{"r.jsonl#1", "r.jsonl#3"}));
  EXPECT_EQ(made_problem("jsonl", given, {20, bytes_in}).what, "no record fits into the context");
}

TEST_F(JsonlTaskFiles, CutOutTheMiddleOfATaskThatIsTooLong) {
  Given given = record(long_task());
  given["template"] = as_text("{context} {question}");
  given["on_long"] = as_text("middle");
  const std::vector<Document> documents = documents_in(given, {61, bytes_in});
  ASSERT_EQ(documents.size(), 3U);
  // 220 bytes of context and 9 of " What? it": 51 are left, 26 of them from its beginning.
  EXPECT_EQ(documents[1].text,
            "01234567890123456789012345"
            "5678901234567890123456789"
            " What? it");
  EXPECT_TRUE(has(documents[1].provenance, ", the middle of its context cut: 169 bytes"));
  EXPECT_FALSE(has(documents[0].provenance, "cut"));
  EXPECT_EQ(made_problem("jsonl", given, {9, bytes_in}).what,
            "a record does not fit without its context");
}

TEST_F(JsonlTaskFiles, CutsOnlyBetweenCharacters) {
  std::string umlauts;
  for (int i = 0; i < 50; ++i) umlauts += "\xC3\xBC";
  Given given = record(R"({"c": ")" + umlauts + R"(", "q": "?", "a": "it"})");
  given["template"] = as_text("{context} {question}");
  given["on_long"] = as_text("middle");
  for (std::int64_t context = 20; context < 60; ++context) {
    const Document document = documents_in(given, {context, bytes_in}).at(0);
    const std::string cut = span_texts(document, "context").at(0);
    EXPECT_EQ(cut, umlauts.substr(0, cut.size()));
    EXPECT_EQ(cut.size() % 2, 0U);
    EXPECT_LT(bytes_in(document.text), context);
    EXPECT_GT(bytes_in(document.text), context - 5);
  }
}

// What is generated takes the place of the answer; one token more is left for each question.
TEST_F(JsonlTaskFiles, LeavesRoomForAGeneratedAnswer) {
  Given given = record(R"({"c": "one and two", "q": "?", "a": "it"})");
  given["template"] = as_text("{context} {question}");  // 13 bytes, and 3 of " it"
  given["most_tokens"] = std::int64_t{30};
  EXPECT_EQ(documents_in(given, {44, bytes_in}).size(), 1U);
  EXPECT_EQ(made_problem("jsonl", given, {43, bytes_in}).what,
            "a record is longer than the context");
}

}  // namespace
}  // namespace pressroom::jsonl_long_tasks_test
