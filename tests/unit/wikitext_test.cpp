// The reader wikitext: the ways lines become documents, and where articles begin.
#include <gtest/gtest.h>

#include "readers_test_support.h"
#include "test_folders.h"

namespace pressroom::wikitext_test {
namespace {

using Words = std::vector<std::string>;

// Two articles in the form of the original files: every line ends in " \n", blank ones are " \n".
const char* const kRaw =
    " \n"
    " = One = \n"
    " \n"
    " First line . \n"
    " = = Part = = \n"
    " \n"
    " Second line . \n"
    " \n"
    " = Two = 2 = \n"
    " \n"
    " Third line . \n";

// The same as the hub has it: a row for each line, "" for a blank one.
const char* const kHubRows =
    R"({"text":""}
{"text":" = One = \n"}
{"text":""}
{"text":" First line . \n"}
{"text":" = = Part = = \n"}
{"text":""}
{"text":" Second line . \n"}
{"text":""}
{"text":" = Two = 2 = \n"}
{"text":""}
{"text":" Third line . \n"}
)";

// "\n\n".join(rows), worked out by hand.
const char* const kJoined =
    "\n\n = One = \n\n\n"
    "\n\n First line . \n\n\n = = Part = = \n\n\n"
    "\n\n Second line . \n\n\n"
    "\n\n = Two = 2 = \n\n\n"
    "\n\n Third line . \n";
const char* const kJoinedNonblank =
    " = One = \n\n\n First line . \n\n\n = = Part = = \n\n\n Second line . \n\n\n"
    " = Two = 2 = \n\n\n Third line . \n";
const char* const kFirstArticle =
    " = One = \n \n First line . \n = = Part = = \n \n Second line . \n \n";
const char* const kSecondArticle = " = Two = 2 = \n \n Third line . \n";

class WikiTextReader : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& bytes) const {
    write_file(folder_.path() / name, bytes);
    return path(name);
  }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  // Documents of a file of this name with these bytes.
  std::vector<Document> read(const std::string& name, const std::string& bytes,
                             const std::string& assembly, const std::string& form = "auto") const {
    return documents_of("wikitext",
                        {{"path", write(name, bytes)}, {"assembly", assembly}, {"form", form}});
  }

 private:
  ScratchFolder folder_;
};

TEST_F(WikiTextReader, AssemblesLinesAndHubRowsAlike) {
  const std::map<std::string, Words> assemblies = {{"hf_join", {kJoined}},
                                                   {"hf_join_nonblank", {kJoinedNonblank}},
                                                   {"raw", {kRaw}},
                                                   {"article", {kFirstArticle, kSecondArticle}}};
  for (const auto& [assembly, texts] : assemblies) {
    SCOPED_TRACE(assembly);
    EXPECT_EQ(texts_of(read("wiki.test.raw", kRaw, assembly)), texts);
    EXPECT_EQ(texts_of(read("test.jsonl", kHubRows, assembly)), texts);
  }
}

TEST_F(WikiTextReader, TreatsCarriageReturnsAsEndsOfLines) {
  const std::string crlf = replaced(kRaw, "\n", "\r\n");
  EXPECT_EQ(texts_of(read("crlf.raw", crlf, "hf_join")), Words{kJoined});
  EXPECT_EQ(texts_of(read("crlf.raw", crlf, "raw")), Words{crlf});
  EXPECT_EQ(ids_of(read("crlf.raw", crlf, "article")), (Words{"One#1", "Two = 2#2"}));
}

TEST_F(WikiTextReader, NamesAssemblyFormAndPlace) {
  const auto whole = read("wiki.test.raw", kRaw, "hf_join");
  EXPECT_EQ(ids_of(whole), Words{"wiki.test.raw#hf_join"});
  EXPECT_EQ(whole[0].provenance, path("wiki.test.raw") + ", " +
                                     std::to_string(std::string(kJoined).size()) +
                                     " bytes, assembly hf_join, form raw");
  const auto articles = read("wiki.test.tokens", kRaw, "article");
  EXPECT_EQ(ids_of(articles), (Words{"One#1", "Two = 2#2"}));
  EXPECT_EQ(articles[1].provenance,
            path("wiki.test.tokens") + ":9, 31 bytes, assembly article, form tokens");
}

TEST_F(WikiTextReader, TakesOnlyTitlesForTitles) {
  struct Case {
    std::string line;
    bool is_title;
  };
  const std::vector<Case> cases = {
      {" = A = ", true},          {" = A = B = ", true}, {" = = A = = ", false},
      {" = = = A = = = ", false}, {" = A = = ", false},  {" = = A = ", false},
      {"= A =", false},           {" = A =", false},     {" = ", false},
      {" =  = ", false},          {" A = ", false},      {" = <unk> = ", true},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.line);
    const std::string text = " \n = First = \n \n Text . \n \n" + c.line + "\n \n More . \n";
    EXPECT_EQ(read("t.tokens", text, "article").size(), c.is_title ? 2U : 1U);
    // A formula between lines of text is no title, whatever it looks like.
    const std::string formula = " = First = \n \n Text . \n" + c.line + "\n More . \n";
    EXPECT_EQ(texts_of(read("t.tokens", formula, "article")), Words{formula});
  }
}

TEST_F(WikiTextReader, NumbersArticlesOfOneTitle) {
  const std::string text = " = A = \n \n x \n \n = A = \n \n y";
  EXPECT_EQ(ids_of(read("t.raw", text, "article")), (Words{"A#1", "A#2"}));
}

TEST_F(WikiTextReader, RefusesTextThatBelongsToNoArticle) {
  const std::string file = write("t.raw", "\nIt was a dark and stormy night.\n = A = \n");
  const Problem problem =
      problem_of("wikitext", {{"path", file}, {"assembly", std::string("article")}});
  EXPECT_EQ(problem.what, "there is text before the first title");
  EXPECT_EQ(problem.where, file + ":2");
  EXPECT_EQ(problem.got, "It was a dark and stormy night.");
}

TEST_F(WikiTextReader, KnowsTheTokenisedForm) {
  const std::string tokenised = replaced(kRaw, "Third", "<unk>");
  const auto form = [&](const std::string& name, const std::string& text,
                        const std::string& declared) {
    const std::string provenance = read(name, text, "raw", declared).at(0).provenance;
    return provenance.substr(provenance.rfind(' ') + 1);
  };
  EXPECT_EQ(form("wiki.tokens", kRaw, "auto"), "tokens");
  EXPECT_EQ(form("wiki.txt", tokenised, "auto"), "tokens");
  EXPECT_EQ(form("wiki.txt", kRaw, "auto"), "raw");
  EXPECT_EQ(form("wiki.txt", kRaw, "tokens"), "tokens");
  const std::string file = write("wiki.raw", tokenised);
  for (const char* declared : {"auto", "raw"}) {
    const Problem problem =
        problem_of("wikitext", {{"path", file}, {"form", std::string(declared)}});
    EXPECT_EQ(problem.where, file + ":11");
    EXPECT_EQ(problem.got, "a rare word as <unk>: the tokenised form");
  }
  EXPECT_EQ(problem_of("wikitext", {{"path", file}, {"form", std::string("tokens")}}).what,
            "the file is not of the form declared");
}

TEST_F(WikiTextReader, WantsOneSplit) {
  write("w/wiki.test.raw", kRaw);
  EXPECT_EQ(documents_of("wikitext", {{"path", path("w")}}).size(), 1U);
  write("w/wiki.valid.raw", kRaw);
  const Problem problem = problem_of("wikitext", {{"path", path("w")}});
  EXPECT_EQ(problem.what, "the folder holds several splits");
  EXPECT_EQ(problem.got, "wiki.test.raw, wiki.valid.raw");
}

TEST_F(WikiTextReader, StartsOverAndKeepsAccount) {
  for (const char* name : {"wiki.test.raw", "test.jsonl"}) {
    SCOPED_TRACE(name);
    const std::string file = write(name, std::string(name) == "test.jsonl" ? kHubRows : kRaw);
    const auto reader =
        reader_of("wikitext", {{"path", file}, {"assembly", std::string("article")}});
    EXPECT_TRUE(reader->sources().empty());
    const auto first = rest_of(*reader);
    EXPECT_FALSE(reader->next().has_value());
    EXPECT_EQ(reader->sources().at(0).documents, 2);
    reader->rewind();
    reader->next();
    EXPECT_EQ(reader->sources().at(0).documents, 1);
    reader->rewind();
    EXPECT_EQ(ids_of(rest_of(*reader)), ids_of(first));
  }
}

TEST_F(WikiTextReader, GivesNothingOfAnEmptyFile) {
  for (const char* assembly : {"article", "raw", "hf_join"}) {
    EXPECT_TRUE(read("empty.raw", "", assembly).empty()) << assembly;
  }
}

// Where the real set is at hand: PRESSROOM_SHARED, or ../shared, with data/wikitext-2 in it.
std::vector<std::filesystem::path> real_sets() {
  const char* shared = std::getenv("PRESSROOM_SHARED");
  const std::filesystem::path set =
      (shared ? std::filesystem::path(shared) : test_dir() / "../../shared") / "data/wikitext-2";
  if (!std::filesystem::exists(set)) return {};
  return {set / "wiki.valid.tokens", set / "wiki.test.tokens"};
}

class RealWikiText : public WikiTextReader,
                     public testing::WithParamInterface<std::filesystem::path> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RealWikiText);

// Against what the authors count (Merity et al., table 1): 60 articles in each of the two splits.
TEST_P(RealWikiText, HasTheArticlesThatItsAuthorsCount) {
  const auto articles = documents_of(
      "wikitext", {{"path", GetParam().string()}, {"assembly", std::string("article")}});
  EXPECT_EQ(articles.size(), 60U);
  std::string all;
  for (const Document& article : articles) all += article.text;
  // All of the file but the blank line in front.
  EXPECT_EQ(" \n" + all, read_file(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Splits, RealWikiText, testing::ValuesIn(real_sets()),
                         [](const auto& split) { return split.index == 0 ? "valid" : "test"; });

}  // namespace
}  // namespace pressroom::wikitext_test
