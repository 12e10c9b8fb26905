// Files that readers read from: compressed, cut short, damaged, in other encodings, missing.
#include "pressroom/data_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/file_kinds.h"
#include "base/utf8.h"
#include "pressroom/data_files.h"
#include "pressroom/stand_in.h"
#include "readers_test_support.h"

namespace pressroom::data_file_test {
namespace {

class DataFileTest : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& name, const std::string& bytes) const {
    write_file(folder_.path() / name, bytes);
    return folder_.path() / name;
  }
  // The problem of reading all of a file with these bytes.
  Problem problem(const std::string& name, const std::string& bytes) const {
    return problem_of_reading(write(name, bytes));
  }
  static Problem problem_of_reading(const std::filesystem::path& file) {
    try {
      DataFile(file).rest();
    } catch (const Error& error) {
      return error.problems().at(0);
    }
    ADD_FAILURE() << "no Error was thrown for " << file;
    return {};
  }
  static std::vector<std::string> lines_of(DataFile& file) {
    std::vector<std::string> lines;
    while (std::optional<std::string> line = file.line()) lines.push_back(*line);
    return lines;
  }

  const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  ScratchFolder folder_;
};

using Lines = std::vector<std::string>;

// One control character in 20 bytes is not yet too many.
std::string english_with_controls() {
  std::string text;
  for (int i = 0; i < 10; ++i) text += std::string("\0Once upon a time th", 20);
  return text;
}

TEST_F(DataFileTest, ReadsEveryCompressionByItsContent) {
  auto files = compressed_alpha_beta();
  files[""] = "alpha\nbeta\n";
  for (const auto& [ending, bytes] : files) {
    SCOPED_TRACE(ending);
    DataFile by_line(write("ab.txt" + ending, bytes));
    EXPECT_EQ(lines_of(by_line), (Lines{"alpha\n", "beta\n"}));
    EXPECT_EQ(DataFile(write("named otherwise", bytes)).rest(), "alpha\nbeta\n");
  }
}

TEST_F(DataFileTest, ReadsGzipStreamsInARow) {
  const std::string one = compressed_alpha_beta().at(".gz");
  EXPECT_EQ(DataFile(write("two.gz", one + one)).rest(), "alpha\nbeta\nalpha\nbeta\n");
}

TEST_F(DataFileTest, GivesLinesWithTheirEnds) {
  const std::vector<std::pair<std::string, Lines>> cases = {
      {"", {}},
      {"\n", {"\n"}},
      {"one", {"one"}},
      {"one\n\ntwo", {"one\n", "\n", "two"}},
      {"one\r\ntwo\r\n", {"one\r\n", "two\r\n"}},
      {std::string("nul\0l\nx", 7), {std::string("nul\0l\n", 6), "x"}},
      // Longer than the pieces a file is read in.
      {std::string(700000, 'a') + "\nb", {std::string(700000, 'a') + "\n", "b"}},
  };
  for (const auto& [text, lines] : cases) {
    DataFile file(write("lines", text));
    EXPECT_EQ(lines_of(file), lines);
    EXPECT_EQ(file.line(), std::nullopt);
    EXPECT_EQ(file.rest(), "");
  }
}

TEST_F(DataFileTest, SaysWhichLineItGave) {
  DataFile file(write("three.txt", "a\nb\nc\nd"));
  EXPECT_EQ(file.line_number(), 0);
  file.line();
  file.line();
  EXPECT_EQ(file.where(), (folder() / "three.txt").string() + ":2");
  EXPECT_EQ(file.rest(), "c\nd");
}

TEST_F(DataFileTest, PlainTextThatLooksEncodedStaysAsItIs) {
  const std::string text = "begin 644 a\n#86)C\n`\nend\n";  // uuencoded "abc"
  EXPECT_EQ(DataFile(write("uu.txt", text)).rest(), text);
}

TEST_F(DataFileTest, RefusesStreamsThatEndEarly) {
  for (const auto& [ending, bytes] : compressed_alpha_beta()) {
    for (std::size_t missing : {1, 4, 12}) {
      SCOPED_TRACE(ending + " without " + std::to_string(missing) + " bytes");
      const Problem problem = this->problem("ab" + ending, bytes.substr(0, bytes.size() - missing));
      EXPECT_EQ(problem.what, "the file ends early or is damaged");
      EXPECT_TRUE(has(problem.where, "ab" + ending)) << problem.where;
    }
  }
}

TEST_F(DataFileTest, SaysHowFarADamagedFileCouldBeRead) {
  // 60 000 streams of 11 bytes and two lines each, more than one piece; the last is cut.
  const std::string one = compressed_alpha_beta().at(".gz");
  std::string many;
  for (int i = 0; i < 60000; ++i) many += one;
  DataFile file(write("many.gz", many.substr(0, many.size() - 9)));
  std::int64_t lines = 0;
  try {
    while (file.line()) ++lines;
    FAIL() << "no Error was thrown";
  } catch (const Error& error) {
    const Problem& problem = error.problems().at(0);
    const std::string line = problem.where.substr(problem.where.rfind(':') + 1);
    EXPECT_EQ(std::stol(line), lines + 1);
    const std::size_t at = problem.got.find("after ");
    ASSERT_NE(at, std::string::npos) << problem.got;
    const long bytes = std::stol(problem.got.substr(at + 6));
    EXPECT_GT(bytes, 500000);
    EXPECT_EQ(lines, bytes / 11 * 2 + (bytes % 11 >= 6 ? 1 : 0));
  }
}

TEST_F(DataFileTest, ComparesGzipsChecksum) {
  std::string bytes = compressed_alpha_beta().at(".gz");
  bytes[bytes.size() - 8] ^= 1;
  const Problem problem = this->problem("ab.gz", bytes);
  EXPECT_EQ(problem.what, "the file ends early or is damaged");
  EXPECT_EQ(problem.got, "the content is not what was compressed, after 11 bytes of text");
}

TEST_F(DataFileTest, RefusesFilesThatAreNotWhatTheirNameSays) {
  const auto files = compressed_alpha_beta();
  struct Case {
    std::string name, bytes, what, got;
  };
  const std::string html = "<!DOCTYPE html>\n<html lang=\"en\"><head><title>Not found</title>";
  const std::string pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0123\n";
  const std::vector<Case> cases = {
      {"a.json.gz", html, "the file is a page of a web server, not the data",
       R"("<!DOCTYPE html>\x0a<html lang="en"><head><t...")"},
      {"a.json.gz", "{}", "the file is not what its name says", "a file that begins with \"{}\""},
      {"a.json.gz", "", "the file is not what its name says", "an empty file"},
      {"a.gz", files.at(".zst"), "the file is not what its name says",
       "a file that begins with \"alpha\\x0abeta\\x0a\""},
      {"a.zst", files.at(".gz"), "the file is not what its name says",
       "a file that begins with \"alpha\\x0abeta\\x0a\""},
      {"a.jsonl", pointer, "the file is a Git LFS pointer, not the data",
       "\"version https://git-lfs.github.com/spec/...\""},
      {"a.jsonl.gz", pointer, "the file is a Git LFS pointer, not the data",
       "\"version https://git-lfs.github.com/spec/...\""},
      {"a.zip", "PK", "an archive has to be unpacked before it can be read",
       "an archive of several files"},
      {"a.tar.gz", "", "an archive has to be unpacked before it can be read",
       "an archive of several files"},
      {"a.parquet", "PAR1", "Parquet has to be converted before it can be read", "a Parquet file"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const Problem problem = this->problem(c.name, c.bytes);
    EXPECT_EQ(problem.what, c.what);
    EXPECT_EQ(problem.got, c.got);
    EXPECT_EQ(problem.where, (folder() / c.name).string());
  }
  EXPECT_EQ(this->problem("a.parquet", "PAR1").fix, "scripts/parquet-to-jsonl " +
                                                        (folder() / "a.parquet").string() +
                                                        " OUT.jsonl.gz, then give OUT.jsonl.gz");
}

TEST_F(DataFileTest, RefusesWhatIsNoFile) {
  EXPECT_EQ(problem_of_reading(folder() / "nowhere").got, "nothing of that name");
  EXPECT_EQ(problem_of_reading(folder()).got, "a folder");
  EXPECT_EQ(problem_of_reading("/dev/zero").got, "a device");
  const std::filesystem::path too_long = folder() / std::string(300, 'n');
  EXPECT_EQ(problem_of_reading(too_long).got, "File name too long");
  EXPECT_THROW(find_data_files(too_long, {"books", {".txt"}, "buy some"}), Error);
}

TEST_F(DataFileTest, RefusesPipesWithoutWaitingForThem) {
  const std::filesystem::path pipe = folder() / "pipe.txt";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const Problem problem = problem_of_reading(pipe);
  EXPECT_EQ(problem.got, "a pipe");
  EXPECT_EQ(problem.fix,
            "write its content to a file and give that: files are read more than once, and hashed");
  try {
    find_data_files(pipe, {"books", {".txt"}, "buy some"});
    FAIL() << "no Error was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.problems()[0].what, "this is no file");
    EXPECT_EQ(error.problems()[0].got, "a pipe");
  }
  EXPECT_THROW(refuse_stand_in(pipe), Error);
}

TEST_F(DataFileTest, KnowsWhatCameInPlaceOfAFile) {
  const std::string pointer =
      "version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 548118077\n";
  const std::vector<std::pair<std::string, std::string>> pages = {
      {"<!DOCTYPE html>\n<html>", "the file is a page of a web server, not the data"},
      {"\xEF\xBB\xBF\n\n <!doctype HTML PUBLIC",
       "the file is a page of a web server, not the data"},
      {"<HTML><head>", "the file is a page of a web server, not the data"},
      {"<HEAD>\n<TITLE>404", "the file is a page of a web server, not the data"},
      {"<head lang=\"en\">", "the file is a page of a web server, not the data"},
      {"<!-- saved from the web -->\n<!-- - > -->\n<HTML lang=\"en\">",
       "the file is a page of a web server, not the data"},
      {"<?xml version=\"1.0\"?><!-- x --><!DOCTYPE html>",
       "the file is a page of a web server, not the data"},
      {"<!---->\n<!doctype html>", "the file is a page of a web server, not the data"},
      {"<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code>",
       "the file is a page of a web server, not the data"},
      {"<?xml version=\"1.0\"?><!DOCTYPE html>",
       "the file is a page of a web server, not the data"},
      {pointer, "the file is a Git LFS pointer, not the data"},
      {"version https://hawser.github.com/spec/v1\n",
       "the file is a Git LFS pointer, not the data"},
      {"version https://example.org/", ""},
      {"<?xml version=\"1.0\"?><svg/>", ""},
      {"<p>text</p>", ""},
      {"<header>text</header>", ""},
      {"<!-- a note of a text -->\nOnce upon a time", ""},
      {"<!-- <html> that does not end", ""},
      {"{\"a\": \"<html>\"}", ""},
      {"", ""},
      {"<", ""}};
  for (const auto& [bytes, what] : pages) {
    SCOPED_TRACE(bytes);
    const std::filesystem::path file = write("model.safetensors", bytes);
    try {
      refuse_stand_in(file);
      EXPECT_EQ(what, "");
    } catch (const Error& error) {
      EXPECT_EQ(error.problems()[0].what, what);
      EXPECT_EQ(error.problems()[0].where, file.string());
      EXPECT_FALSE(error.problems()[0].fix.empty());
    }
    EXPECT_EQ(stand_in("page.txt", bytes).empty(), what.empty());
    // A page may be the text that is meant; a pointer never is.
    EXPECT_EQ(stand_in("page.html", bytes).empty(), !has(what, "pointer"));
  }
  EXPECT_NO_THROW(refuse_stand_in(folder()));
  EXPECT_NO_THROW(refuse_stand_in(folder() / "nowhere"));
}

// `text`, of characters up to U+FFFF, in UTF-16 or UTF-32 without a mark.
std::string widened(const std::string& text, std::size_t unit, bool lowest_first) {
  std::string wide;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view character = rest.substr(0, character_length(rest));
    rest.remove_prefix(character.size());
    for (std::size_t i = 0; i < unit; ++i) {
      const std::size_t byte = lowest_first ? i : unit - 1 - i;
      wide += static_cast<char>(byte < 2 ? code_point(character) >> 8 * byte : 0);
    }
  }
  return wide;
}

TEST_F(DataFileTest, RefusesWideTextWithoutAMark) {
  const std::string english = "Once upon a time there was a little cat, na\xC3\xAFve.\n";
  const std::string russian = "\xD0\x96\xD0\xB8\xD0\xBB \xD0\xB1\xD1\x8B\xD0\xBB\n";
  const struct {
    std::size_t unit;
    bool lowest_first;
    const char* name;
  } encodings[] = {
      {2, true, "UTF-16LE"}, {2, false, "UTF-16BE"}, {4, true, "UTF-32LE"}, {4, false, "UTF-32BE"}};
  for (const auto& encoding : encodings) {
    for (const std::string& text : {english, russian}) {
      SCOPED_TRACE(encoding.name + text);
      const std::string wide = widened(text, encoding.unit, encoding.lowest_first);
      EXPECT_EQ(wide_encoding(wide), encoding.name);
      for (Encoding taken_for : {Encoding::kLatin1, Encoding::kUtf8Replacing}) {
        const std::filesystem::path file = write("wide.txt", wide);
        try {
          DataFile(file, taken_for).rest();
          ADD_FAILURE() << "no Error was thrown";
        } catch (const Error& error) {
          EXPECT_EQ(error.problems()[0].what, "the text is full of control characters");
          EXPECT_EQ(error.problems()[0].fix,
                    std::string("convert it: iconv -f ") + encoding.name + " -t UTF-8");
        }
      }
    }
  }
  const std::string ascii = widened("Once upon a time", 2, true);
  EXPECT_EQ(valid_utf8_length(ascii), ascii.size());
  EXPECT_EQ(problem("ascii.txt", ascii).what, "the text is full of control characters");
  // Behind a mark, iconv needs no order of bytes, and takes the mark away.
  EXPECT_TRUE(has(problem("mark.txt", "\xFF\xFE" + ascii).fix, "iconv -f UTF-16 -t"));
}

TEST_F(DataFileTest, TakesTextWithAMarkOrStrayControlsAsItIs) {
  const std::vector<std::string> texts = {"\xEF\xBB\xBFOnce", english_with_controls(),
                                          std::string("\0\0\0", 3), "\x1B[1mbold\x1B[0m",
                                          "c\bca\bat\bt\f"};
  for (const std::string& text : texts) EXPECT_EQ(DataFile(write("t", text)).rest(), text);
}

struct EncodingCase {
  std::string bytes;
  std::string replaced;  // with one U+FFFD for each bad byte
  std::string latin1;
  std::int64_t bad_bytes;
  std::string at;  // line and offset of the first, in the message
};

// U+FFFD, and characters of Latin-1, in UTF-8.
#define FFFD "\xEF\xBF\xBD"
const EncodingCase kEncodings[] = {
    {"plain\n", "plain\n", "plain\n", 0, ""},
    {"caf\xC3\xA9", "caf\xC3\xA9", "caf\xC3\x83\xC2\xA9", 0, ""},
    {"one\ncaf\xE9\n", "one\ncaf" FFFD "\n", "one\ncaf\xC3\xA9\n", 1, ":2 byte 7 "},
    {"\xFF\xFE"
     "a",
     FFFD FFFD "a",
     "\xC3\xBF\xC3\xBE"
     "a",
     2, ":1 byte 0 "},
    {"a\n\nb\xE2\x82", "a\n\nb" FFFD FFFD, "a\n\nb\xC3\xA2\xC2\x82", 2, ":3 byte 4 "},
    {"\xC0\x80", FFFD FFFD, "\xC3\x80\xC2\x80", 2, ":1 byte 0 "},  // overlong
};

TEST_F(DataFileTest, ChecksReplacesOrConvertsOtherEncodings) {
  for (const EncodingCase& c : kEncodings) {
    SCOPED_TRACE(c.latin1);
    const std::filesystem::path file = write("text", c.bytes);
    DataFile replacing(file, Encoding::kUtf8Replacing);
    EXPECT_EQ(replacing.rest(), c.replaced);
    EXPECT_EQ(replacing.replaced(), c.bad_bytes);
    EXPECT_EQ(DataFile(file, Encoding::kLatin1).rest(), c.latin1);
    EXPECT_EQ(DataFile(file, Encoding::kUnchecked).rest(), c.bytes);
    if (c.bad_bytes == 0) {
      EXPECT_EQ(DataFile(file).rest(), c.bytes);
      continue;
    }
    const Problem problem = problem_of_reading(file);
    EXPECT_EQ(problem.what, "the text is not UTF-8");
    EXPECT_TRUE(has(problem.where.substr(problem.where.rfind(':')) + " " + problem.got, c.at))
        << problem.where << " " << problem.got;
  }
}

TEST_F(DataFileTest, CountsLinesAndBytesOfBadTextReadByLine) {
  DataFile file(write("text", "one\ntwo\nthr\xE9\x65\n"));
  file.line();
  file.line();
  try {
    file.line();
    FAIL() << "no Error was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.problems().at(0).where, (folder() / "text").string() + ":3");
    EXPECT_EQ(error.problems().at(0).got, R"(byte 11 of the text is not, in "thr\xe9e\x0a")");
  }
}

TEST_F(DataFileTest, ProvenanceSaysWhatWasDoneToTheText) {
  const std::filesystem::path path = write("t", "\xE9");
  DataFile replacing(path, Encoding::kUtf8Replacing);
  replacing.rest();
  EXPECT_EQ(replacing.provenance(3), path.string() + ", 3 bytes, 1 bytes replaced by U+FFFD");
  EXPECT_EQ(DataFile(path, Encoding::kLatin1).provenance(2),
            path.string() + ", 2 bytes, from Latin-1");
}

const DataLayout kBooks = {"books", {".txt"}, "buy some"};

TEST_F(DataFileTest, FindsFilesInBytewiseOrder) {
  for (const char* name :
       {"b.txt", "B.txt.gz", "a.md", "10.txt", "9.txt.zst", ".hidden.txt", "train/c.txt", "atxt"}) {
    write(name, "x");
  }
  std::vector<std::string> names;
  for (const auto& file : find_data_files(folder(), kBooks)) names.push_back(file.filename());
  EXPECT_EQ(names, (std::vector<std::string>{"10.txt", "9.txt.zst", "B.txt.gz", "b.txt"}));
  EXPECT_EQ(find_data_files(folder() / "a.md", kBooks).size(), 1U);
}

TEST_F(DataFileTest, OrdersAndNamesFilesAsIfNoneWereCompressed) {
  for (const char* name : {"a.txt", "a.txt.b.txt"}) {
    std::filesystem::remove_all(folder() / "F");
    for (const char* file : {"a.txt", "a.txt.b.txt"}) {
      write(std::string("F/") + file + (std::string(file) == name ? ".gz" : ""), "x");
    }
    std::vector<std::string> names;
    for (const auto& file : find_data_files(folder() / "F", kBooks)) {
      names.push_back(document_name(file));
    }
    EXPECT_EQ(names, (std::vector<std::string>{"a.txt", "a.txt.b.txt"})) << name;
  }
  const std::vector<std::pair<std::string, std::string>> cases = {{"a.txt", "a.txt"},
                                                                  {"d/a.txt.zst", "a.txt"},
                                                                  {"a.xz", "a"},
                                                                  {"a.bz2.txt", "a.bz2.txt"},
                                                                  {"a.gz.bz2", "a.gz"}};
  for (const auto& [file, name] : cases) EXPECT_EQ(document_name(file), name);
}

TEST_F(DataFileTest, RefusesAFolderWithAFileTwice) {
  for (const char* name : {"a.txt", "b.txt", "b.txt.gz", "c.txt"}) write(name, "x");
  try {
    find_data_files(folder(), kBooks);
    FAIL() << "no Error was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.problems().at(0).what, "the folder holds a file twice");
    EXPECT_EQ(error.problems().at(0).got, "b.txt and b.txt.gz");
  }
}

TEST_F(DataFileTest, SaysWhatAWrongFolderHolds) {
  struct Case {
    std::vector<std::string> files;
    std::string got, fix;
  };
  const std::string path = folder().string();
  const std::vector<Case> cases = {
      {{},
       "an empty folder",
       "check the path, or take the reader of such files (pressroom list datasets); buy some"},
      {{"c4.0.json.gz", "c4.1.json.gz", "README"},
       "2 *.json.gz, 1 README",
       "check the path, or take the reader of such files (pressroom list datasets); buy some"},
      {{"test/1.txt", "train/2.txt", "other/x.md"},
       "other/, test/, train/",
       "give one of its folders: " + path + "/F/test, " + path + "/F/train"},
      {{"0.parquet", "1.parquet"},
       "2 *.parquet",
       "scripts/parquet-to-jsonl " + path + "/F/0.parquet OUT.jsonl.gz, then give OUT.jsonl.gz"},
  };
  for (const Case& c : cases) {
    std::filesystem::remove_all(folder() / "F");
    std::filesystem::create_directories(folder() / "F");
    for (const std::string& file : c.files) write("F/" + file, "x");
    try {
      find_data_files(folder() / "F", kBooks);
      FAIL() << c.got;
    } catch (const Error& error) {
      const Problem& problem = error.problems().at(0);
      EXPECT_EQ(problem.what, "this does not look like books");
      EXPECT_EQ(problem.expected, "*.txt, also with .gz, .zst, .xz or .bz2 behind");
      EXPECT_EQ(problem.got, c.got);
      EXPECT_EQ(problem.fix, c.fix);
    }
  }
}

TEST_F(DataFileTest, KeepsAccountOfWhatWasOpened) {
  write("a.txt", "alpha\nbeta\n");
  write("b.txt.gz", compressed_alpha_beta().at(".gz"));
  write("c.txt", "never opened");
  DataFiles files(find_data_files(folder(), kBooks));
  EXPECT_TRUE(files.sources().empty());
  for (int pass = 0; pass < 2; ++pass) {
    files.rewind();
    EXPECT_EQ(files.next_whole()->text, "alpha\nbeta\n");
    files.open_next();
    files.count_document();
    files.count_document();
    const std::vector<SourceFile> sources = files.sources();
    ASSERT_EQ(sources.size(), 2U);
    // By sha256sum.
    EXPECT_EQ(sources[0].sha256,
              "e49c81e2d2f84e259d40e2fb8192f3bcd198b355184845d76d8f58807d0d78ee");
    EXPECT_EQ(sources[1].sha256,
              "ac54e484d323dc4c8161081c4a677e0b7bb10ca93ee75f9cacb06b03a92d5461");
    EXPECT_EQ(sources[0].bytes, 11);
    EXPECT_EQ(sources[1].bytes, 31);
    EXPECT_EQ(sources[0].documents, 1);
    EXPECT_EQ(sources[1].documents, 2);
    EXPECT_EQ(sources[1].path, (folder() / "b.txt.gz").string());
  }
}

}  // namespace
}  // namespace pressroom::data_file_test
