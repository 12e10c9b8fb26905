// The reader recall: texts of the user as filler, and what is refused.
#include <gtest/gtest.h>

#include "base/sha256.h"
#include "hex.h"
#include "plugin_test_support.h"
#include "recall_test_support.h"

namespace pressroom::recall_reader_filler_test {
namespace {

TEST(RecallReader, HidesFactsInATextOfTheUser) {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "book.txt").string();
  std::string text;
  for (int i = 0; i < 60; ++i) {
    text += "Line " + std::to_string(i) + " of the\n\tbook says \"this much.\"  ";
  }
  write_file(file, text);
  Given given = key_value(3, 2, 4);
  given["filler"] = file;
  const std::unique_ptr<DatasetReader> reader = reader_with(given);
  reader->prepare({150, words_in});
  EXPECT_TRUE(reader->sources().empty());
  const std::vector<Document> documents = rest_of(*reader);
  ASSERT_EQ(documents.size(), 4U);
  for (const Document& document : documents) {
    EXPECT_EQ(words_in(document.text), 150);
    EXPECT_GT(occurrences(document.text, " of the book says \"this much.\" "), 10U);
  }
  EXPECT_NE(documents[0].text.substr(0, 100), documents[1].text.substr(0, 100));
  const std::vector<SourceFile> sources = reader->sources();
  ASSERT_EQ(sources.size(), 1U);
  EXPECT_EQ(sources[0].path, file);
  EXPECT_EQ(sources[0].bytes, bytes_in(text));
  EXPECT_EQ(sources[0].sha256, sha256_hex(text));
  EXPECT_EQ(sources[0].documents, 4);
}

TEST(RecallReader, ReadsACompressedFillerAsItsText) {
  // "The old mill stood by the river. " sixty times, by gzip -n -9.
  const std::string packed = from_hex(
      "1f8b08000000000002030bc94855c8cf4951c8cdccc951282ec9cf4f5148aa5428018a166596"
      "a516e929848c2a185530aa6054c1a8825105a30a06930200310b57b1bc070000");
  const std::string line = "The old mill stood by the river. ";
  std::string text;
  for (int i = 0; i < 60; ++i) text += line;
  const ScratchFolder folder;
  write_file(folder.path() / "mill.txt", text);
  write_file(folder.path() / "mill.txt.gz", packed);
  const auto with_filler = [&](const char* name) {
    Given given = key_value(2, 1, 2);
    given["filler"] = (folder.path() / name).string();
    return reader_with(given);
  };
  const std::unique_ptr<DatasetReader> plain = with_filler("mill.txt");
  const std::unique_ptr<DatasetReader> compressed = with_filler("mill.txt.gz");
  plain->prepare({100, words_in});
  compressed->prepare({100, words_in});
  const std::vector<Document> documents = rest_of(*compressed);
  EXPECT_EQ(texts_of(documents), texts_of(rest_of(*plain)));
  EXPECT_GT(occurrences(documents.at(0).text, line), 5U);
  // What is on disk, for provenance.
  EXPECT_EQ(compressed->sources().at(0).bytes, bytes_in(packed));
  EXPECT_EQ(compressed->sources().at(0).sha256, sha256_hex(packed));
}

TEST(RecallReader, RefusesWhatCannotBeAsked) {
  struct Refusal {
    Given given;
    std::string what, got;
  };
  const ScratchFolder folder;
  const auto filler = [&](const std::string& name, const std::string& text) {
    if (!text.empty()) write_file(folder.path() / name, text);
    Given given;
    given["filler"] = (folder.path() / name).string();
    return given;
  };
  Given too_deep = needle_at({"0.5", "1.5"}, 1);
  Given two_needles = needle_at({}, 1);
  two_needles["facts"] = std::int64_t{2};
  Given two_questions = needle_at({}, 1);
  two_questions["questions"] = std::int64_t{2};
  const std::vector<Refusal> refusals = {
      {too_deep, "\"depth\" is out of range", "1.5"},
      {needle_at({"half"}, 1), "\"depth\" is out of range", "half"},
      {needle_at({"nan"}, 1), "\"depth\" is out of range", "nan"},
      {two_needles, "\"facts\" does not go with task needle, which has one", "2"},
      {two_questions, "\"questions\" does not go with task needle, which has one", "2"},
      {{{"depth", Texts{"0.5"}}},
       "\"depth\" does not go with task key_value, whose facts are anywhere",
       "0.5"},
      {key_value(3, 4, 1), "there are more questions than facts", "4"},
      {key_value(20, 4, 1), "the task does not fit into its length", "128 tokens"},
      {{{"length", std::int64_t{129}}}, "documents are longer than the context", "129"},
      {filler("none.txt", ""), "a text cannot be used", "nothing of that name"},
      {filler("page.txt.gz", "<html>"), "the file is a page of a web server, not the data",
       "\"<html>\""},
      {filler("plain.txt.gz", "A text."), "the file is not what its name says",
       "a file that begins with \"A text.\""},
      {filler("latin.txt", "caf\xE9."), "the text is not UTF-8",
       R"(byte 3 of the text is not, in "caf\xe9.")"},
      {filler("blank.txt", " \n\t "), "the filler cannot be used", "no words"},
      {filler("keys.txt", "He had it. The key of Eva is lost."), "the filler states keys itself",
       "The key of Eva is lost."},
      {filler("short.txt", "One sentence. And another."), "the filler is shorter than a document",
       "2 sentences"},
  };
  for (const Refusal& refusal : refusals) {
    SCOPED_TRACE(refusal.what + ": " + refusal.got);
    const Problem problem = problem_of([&] {
      documents_of(refusal.given, {128, starter_tokens_in});
    });
    EXPECT_EQ(problem.what, refusal.what);
    EXPECT_EQ(problem.got, refusal.got);
    EXPECT_FALSE(problem.fix.empty());
  }
}

}  // namespace
}  // namespace pressroom::recall_reader_filler_test
