// The reader ruler, whatever the task: lengths, what documents depend on, several questions.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "base/sha256.h"
#include "ruler_test_support.h"
#include "tokenizer/tokenizer.h"

namespace pressroom::ruler_test {
namespace {

// A task with what the recipe keeps free for an answer, and the bytes of one more unit of haystack
// at most.
struct Sizes {
  std::string task;
  std::int64_t reserve;
  std::size_t unit;
};

std::vector<Sizes> sizes() {
  const std::size_t word = std::string(" nothing.").size();
  const std::size_t number =
      std::string("One of the special magic numbers for abcd-efgh is: 1234567.\n").size();
  const std::size_t uuid = std::string("One of the special magic uuids for  is: .\n").size() + 72;
  const std::size_t noise = std::string(
                                "The grass is green. The sky is blue. The sun is yellow. "
                                "Here we go. There and back again.\n")
                                .size();
  return {{"niah_single_1", 128, noise},
          {"niah_single_2", 128, word},
          {"niah_single_3", 128, word},
          {"niah_multikey_1", 128, word},
          {"niah_multikey_2", 128, number},
          {"niah_multikey_3", 128, uuid},
          {"niah_multivalue", 128, word},
          {"niah_multiquery", 128, word},
          {"vt", 30, noise},
          {"cwe", 120, std::string(" 123. abcd").size()},
          // All ranks may reach their next count at once; no more than a few do.
          {"fwe", 50, 4 * std::string(" abcdef").size()}};
}

TEST(RulerReader, FillsTheLengthToWithinAUnitWithRoomForTheAnswer) {
  for (const Sizes& expected : sizes()) {
    SCOPED_TRACE(expected.task);
    ASSERT_EQ(samples_of(expected.task).size(), 500U);
    for (const Document& document : samples_of(expected.task)) {
      const Answer& last = document.answers.back();
      EXPECT_EQ(last.most_tokens, expected.reserve);
      EXPECT_EQ(last.end, document.text.size());
      EXPECT_LE(quarters(document.text), kLength);
      const std::int64_t prompt = quarters(document.text.substr(0, last.begin));
      EXPECT_LE(prompt + expected.reserve, kLength);
      // One more token for where the unit's bytes begin within four.
      EXPECT_GT(prompt + expected.reserve + static_cast<std::int64_t>(expected.unit / 4) + 1,
                kLength);
    }
  }
}

TEST(RulerReader, MakesDocumentsOfTheLengthAskedFor) {
  const Given given = task_with("niah_multikey_2", {{"documents", std::int64_t{20}},
                                                    {"length", std::int64_t{600}},
                                                    {"tokens_to_generate", std::int64_t{40}}});
  for (const Document& document : documents_of(given)) {
    const std::int64_t prompt = quarters(document.text.substr(0, document.answers[0].begin));
    EXPECT_LE(prompt, 560);
    EXPECT_GT(prompt, 540);
    EXPECT_EQ(document.answers[0].most_tokens, 40);
  }
}

TEST(RulerReader, DependsOnSeedAndNumberAlone) {
  std::vector<std::string> tasks = needle_tasks();
  tasks.insert(tasks.end(), {"vt", "cwe", "fwe"});
  for (const std::string& task : tasks) {
    SCOPED_TRACE(task);
    const std::vector<Document>& documents = samples_of(task);
    const std::vector<std::string> all = texts_of(documents);
    EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 500U);
    const std::vector<std::string> ids = ids_of(documents);
    EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 500U);

    const std::vector<std::string> first(all.begin(), all.begin() + 5);
    Given given = task_with(task, {{"documents", std::int64_t{5}}});
    const std::unique_ptr<DatasetReader> reader = reader_of("ruler", given);
    reader->prepare({1500, quarters});
    reader->next();
    reader->prepare({kLength, quarters});
    EXPECT_EQ(texts_of(rest_of(*reader)), first) << "after another context";
    reader->rewind();
    EXPECT_EQ(texts_of(rest_of(*reader)), first) << "again";
    given["seed"] = std::int64_t{43};
    for (const std::string& text : texts_of(documents_of(given))) {
      EXPECT_FALSE(is_in(text, all));
    }
  }
}

TEST(RulerReader, AsksSeveralQuestionsOfOneContext) {
  for (const std::string& task :
       std::vector<std::string>{"niah_single_1", "niah_multivalue", "niah_multikey_3", "vt"}) {
    SCOPED_TRACE(task);
    const Given given =
        task_with(task, {{"documents", std::int64_t{10}}, {"questions", std::int64_t{4}}});
    for (const Document& document : documents_of(given, {2500, quarters})) {
      ASSERT_EQ(document.answers.size(), 4U);
      std::set<std::string> questions, answers, ids;
      for (std::size_t q = 0; q < 4; ++q) {
        questions.insert(question_of(document, q));
        answers.insert(answer_text(document, document.answers[q]));
        ids.insert(document.answers[q].id);
        // A line of its own; the end of the line before belongs to the context, or is fed in turns.
        EXPECT_EQ(document.text[document.answers[q].question - 1], '\n');
        EXPECT_EQ(document.answers[q].question,
                  q == 0 ? document.context_end : document.answers[q - 1].end + 1);
        EXPECT_NE(question_of(document, q).find(document.answers[q].id), std::string::npos);
        const std::vector<std::string> evidence =
            spans_of(document, "evidence", static_cast<std::int64_t>(q));
        ASSERT_EQ(evidence.size(), document.answers[q].references.size());
        for (std::size_t r = 0; r < evidence.size(); ++r) {
          EXPECT_NE(evidence[r].find(document.answers[q].references[r]), std::string::npos);
        }
      }
      EXPECT_EQ(questions.size(), 4U);
      EXPECT_EQ(answers.size(), 4U);
      EXPECT_EQ(ids.size(), 4U);
      EXPECT_LE(quarters(document.text.substr(0, document.answers[3].begin)) +
                    document.answers[3].most_tokens,
                2500);
    }
  }
}

TEST(RulerReader, SpansLieInOrderAndCoverTheDocument) {
  for (const Sizes& of : sizes()) {
    SCOPED_TRACE(of.task);
    for (const Document& document : samples_of(of.task)) {
      const std::string shown =
          spans_of(document, "example").empty() ? "" : spans_of(document, "example").front();
      ASSERT_EQ(spans_of(document, "instruction").size(), 1U);
      EXPECT_EQ(shown + spans_of(document, "instruction").front() + context_of(document) + "\n" +
                    question_of(document, 0) + answer_text(document, document.answers[0]),
                document.text);
    }
  }
}

// An answer begins with its blank: its tokens in the built-in model are no other's.
TEST(RulerReader, AnswersCoverWholeTokens) {
  static const std::unique_ptr<Tokenizer> starter =
      Tokenizer::load(test_dir().string() + "/../datasets/starter/tokenizer.json");
  const auto tokens = [](const std::string& text) {
    return static_cast<std::int64_t>(starter->encode(text, Special::kNone).size());
  };
  for (const std::string& task :
       std::vector<std::string>{"niah_multiquery", "niah_single_3", "vt", "cwe", "fwe"}) {
    SCOPED_TRACE(task);
    const Given given = task_with(task, {{"documents", std::int64_t{3}}});
    for (const Document& document : documents_of(given, {1200, tokens})) {
      EXPECT_LE(tokens(document.text), 1200);
      std::size_t begin = 0;
      std::set<std::size_t> edges = {0};
      for (const std::int64_t id : starter->encode(document.text, Special::kNone)) {
        edges.insert(begin += starter->token_bytes(id).size());
      }
      EXPECT_EQ(edges.count(document.answers[0].begin), 1U);
      EXPECT_EQ(edges.count(document.context_end), 1U);
    }
  }
}

TEST(RulerReader, TellsTheFilesItTookTextFrom) {
  const std::unique_ptr<DatasetReader> reader = reader_of("ruler", task_with("niah_single_2"));
  reader->prepare({kLength, quarters});
  EXPECT_TRUE(reader->sources().empty());
  reader->next();
  const std::vector<SourceFile> sources = reader->sources();
  ASSERT_EQ(sources.size(), 2U);
  EXPECT_EQ(sources[0].path, words_file());
  EXPECT_EQ(sources[0].sha256, sha256_hex(made_words()));
  EXPECT_EQ(sources[1].path, prose_file());
  EXPECT_EQ(sources[1].sha256, sha256_hex(made_prose(4000)));
  EXPECT_EQ(sources[1].documents, 1);
}

}  // namespace
}  // namespace pressroom::ruler_test
