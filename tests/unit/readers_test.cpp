// The readers text, pg19, c4 and jsonl, as the plugins they are.
#include <gtest/gtest.h>

#include "compressed_bytes.h"
#include "pressroom/json_lines.h"
#include "readers_test_support.h"

namespace pressroom::readers_test {
namespace {

using Words = std::vector<std::string>;

class Readers : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& bytes) const {
    write_file(folder_.path() / name, bytes);
    return path(name);
  }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

 private:
  ScratchFolder folder_;
};

TEST_F(Readers, TextReadsAFolderInBytewiseOrder) {
  write("t/b.txt", "b");
  write("t/a.txt.gz", compressed_alpha_beta().at(".gz"));
  write("t/README.md", "no text");
  const auto documents = documents_of("text", {{"path", path("t")}});
  EXPECT_EQ(ids_of(documents), (Words{"a.txt", "b.txt"}));
  EXPECT_EQ(texts_of(documents), (Words{"alpha\nbeta\n", "b"}));
  EXPECT_EQ(documents[0].provenance, path("t/a.txt.gz") + ", 11 bytes");
}

TEST_F(Readers, TextRefusesEmptyFilesAndOtherEncodings) {
  EXPECT_EQ(problem_of("text", {{"path", write("e.txt", "")}}).got, "an empty file");
  const std::string latin = write("l.txt", "caf\xE9");
  EXPECT_EQ(problem_of("text", {{"path", latin}}).what, "the text is not UTF-8");
  const auto read = [&](const std::string& encoding) {
    return documents_of("text", {{"path", latin}, {"encoding", encoding}}).at(0).text;
  };
  EXPECT_EQ(read("latin-1"), "caf\xC3\xA9");
  EXPECT_EQ(read("utf-8-replace"), "caf\xEF\xBF\xBD");
}

TEST_F(Readers, Pg19GivesBooksWithWhatTheMetadataSays) {
  write("test/9.txt", "nine");
  write("test/10.txt", "ten");
  const std::string metadata = write("metadata.csv",
                                     "10,\"Ten, a \"\"Tale\"\"\",1890,http://t/10\r\n"
                                     "9,\"\"\"Nine\"\"\nLives\",1901,http://t/9\n");
  const auto documents = documents_of("pg19", {{"path", path("test")}, {"metadata", metadata}});
  EXPECT_EQ(ids_of(documents), (Words{"10.txt", "9.txt"}));
  EXPECT_EQ(documents[0].provenance,
            path("test/10.txt") + ", 3 bytes, Ten, a \"Tale\", 1890, http://t/10");
  EXPECT_EQ(documents[1].provenance,
            path("test/9.txt") + ", 4 bytes, \"Nine\"\nLives, 1901, http://t/9");
}

TEST_F(Readers, Pg19RefusesWhatIsNotPg19) {
  write("pg19/test/1.txt", "one");
  write("pg19/train/2.txt", "two");
  write("books/emma.txt", "Emma");
  EXPECT_EQ(problem_of("pg19", {{"path", path("pg19")}}).fix,
            "give one of its folders: " + path("pg19/test") + ", " + path("pg19/train"));
  EXPECT_EQ(problem_of("pg19", {{"path", path("books")}}).what, "this is no book of PG-19");
  write("c4/c4-train.00000-of-01024.json.gz", "");
  const Problem shards = problem_of("pg19", {{"path", path("c4")}});
  EXPECT_EQ(shards.expected, "*.txt, also with .gz, .zst, .xz or .bz2 behind");
  EXPECT_EQ(shards.got, "1 *.json.gz");
  const std::string other = write("metadata.csv", "3,Three,1900,http://t/3\n");
  const Given with_other = {{"path", path("pg19/test")}, {"metadata", other}};
  EXPECT_EQ(problem_of("pg19", with_other).what, "the metadata does not know this book");
  const std::string none = write("none.csv", "book_id,title\n");
  const Given with_none = {{"path", path("pg19/test")}, {"metadata", none}};
  EXPECT_EQ(problem_of("pg19", with_none).what, "this is not PG-19's metadata");
}

TEST_F(Readers, C4ReadsShardsAndSaysWhereEachPageIsFrom) {
  const std::string page =
      R"({"text":"Grüße","timestamp":"2019-04-25T12:57:54Z","url":"https://a.b/c"})";
  write("en/c4-validation.00000-of-00008.json", page + "\n" + page + "\n");
  write("en/c4-validation.00001-of-00008.json", page + "\n");
  const auto documents = documents_of("c4", {{"path", path("en")}});
  EXPECT_EQ(ids_of(documents),
            (Words{"c4-validation.00000-of-00008.json#1", "c4-validation.00000-of-00008.json#2",
                   "c4-validation.00001-of-00008.json#1"}));
  EXPECT_EQ(documents[1].text,
            "Gr\xC3\xBC\xC3\x9F"
            "e");
  EXPECT_EQ(documents[1].provenance, path("en/c4-validation.00000-of-00008.json") +
                                         ":2, 7 bytes, url https://a.b/c, timestamp "
                                         "2019-04-25T12:57:54Z");

  write("en/c4-train.00000-of-01024.json", page + "\n");
  EXPECT_EQ(problem_of("c4", {{"path", path("en")}}).what, "the folder holds two splits");
  const auto train = documents_of("c4", {{"path", path("en")}, {"split", std::string("train")}});
  EXPECT_EQ(ids_of(train), (Words{"c4-train.00000-of-01024.json#1"}));
  write("en/tokenizer.json", "{}");
  EXPECT_EQ(problem_of("c4", {{"path", path("en")}}).what, "this is no shard of C4");
}

const char* const kRecords =
    "{\"text\": \"one\", \"report\": \"R1\", \"id\": 7}\n"
    "\n"
    "{\"text\": \"two\\nlines\", \"report\": \"R2\", \"id\": \"x\"}\r\n"
    "{\"text\": \"\", \"report\": \"R3\", \"id\": -1}";

TEST_F(Readers, JsonlTakesTheDeclaredFieldAndId) {
  const std::string file = write("r.jsonl", kRecords);
  const auto documents = documents_of("jsonl", {{"path", file}});
  EXPECT_EQ(texts_of(documents), (Words{"one", "two\nlines", ""}));
  EXPECT_EQ(ids_of(documents), (Words{"r.jsonl#1", "r.jsonl#3", "r.jsonl#4"}));
  EXPECT_EQ(documents[1].provenance, file + ":3, 9 bytes");
  const auto reports = documents_of(
      "jsonl", {{"path", file}, {"field", std::string("report")}, {"id_field", std::string("id")}});
  EXPECT_EQ(texts_of(reports), (Words{"R1", "R2", "R3"}));
  EXPECT_EQ(ids_of(reports), (Words{"7", "x", "-1"}));
}

// Numbers of 128 and 256 bits, which no number of a machine holds.
TEST_F(Readers, JsonlTakesWholeNumbersOfAnyLengthAsIds) {
  const Words ids = {
      "340282366920938463463374607431768211455",
      "-170141183460469231731687303715884105728",
      "115792089237316195423570985008687907853269984665640564039457584007913129639935",
      "18446744073709551616",
      "18446744073709551615",
      "-9223372036854775808",
      "0"};
  std::string lines;
  for (const std::string& id : ids) lines += "{\"text\": \"t\", \"id\": " + id + "}\n";
  const Given given = {{"path", write("big.jsonl", lines)}, {"id_field", std::string("id")}};
  EXPECT_EQ(ids_of(documents_of("jsonl", given)), ids);
  for (const char* number : {"1.0", "1e3", "340282366920938463463374607431768211455.5", "1E40"}) {
    write("big.jsonl", std::string("{\"text\": \"t\", \"id\": ") + number + "}\n");
    EXPECT_EQ(problem_of("jsonl", given).expected, "a string or a whole number") << number;
  }
}

TEST_F(Readers, JsonlLooksAtTheOutermostFieldsOnly) {
  const std::string file = write(
      "deep.jsonl",
      "\xEF\xBB\xBF{\"meta\": {\"text\": \"no\", \"id\": [1, {\"text\": 2}]}, \"text\": \"yes\", "
      "\"more\": [[\"text\"], true, null, 1.5]}\n{\"text\": \"a\", \"text\": \"b\"}\n");
  EXPECT_EQ(texts_of(documents_of("jsonl", {{"path", file}})), (Words{"yes", "b"}));
}

TEST_F(Readers, JsonlSaysThatUtf16IsToBeConverted) {
  std::string wide;
  for (const char c : std::string("{\"text\": \"one\"}")) wide += {c, '\0'};
  const Problem problem = problem_of("jsonl", {{"path", write("wide.jsonl", wide)}});
  EXPECT_EQ(problem.what, "the line is not JSON");
  EXPECT_EQ(problem.fix, "it looks like UTF-16LE; convert the file: iconv -f UTF-16LE -t UTF-8");
}

// Every reader of files, on a line of 1.2 MB under a limit of 1 MB, and of 2.
TEST_F(Readers, ReadLinesAndDocumentsUpToTheirLimit) {
  const std::string text(1200000, 'a');
  const std::string record = "{\"text\":\"" + text + "\"}\n";
  const std::vector<std::pair<std::string, std::string>> files = {
      {"text", write("t/a.txt", text)},
      {"pg19", write("t/1.txt", text)},
      {"c4", write("t/c4-train.0.json", record)},
      {"jsonl", write("t/a.jsonl", record)},
      {"wikitext", write("t/wiki.test.raw", text)},
      {"wikitext", write("t/rows.jsonl", record)}};
  for (const auto& [reader, file] : files) {
    SCOPED_TRACE(reader + " " + file);
    Given given = {{"path", file}, {"max_document_mb", std::int64_t{1}}};
    const Problem problem = problem_of(reader, given);
    EXPECT_EQ(problem.what, "a line or document is too long");
    EXPECT_EQ(problem.expected, "at most 1 MB, uncompressed (max_document_mb)");
    given["max_document_mb"] = std::int64_t{2};
    EXPECT_EQ(documents_of(reader, given).size(), 1U);
  }
  // Many short lines become one long document.
  std::string lines;
  for (int i = 0; i < 300; ++i) lines += std::string(4000, 'a') + "\n";
  const Given given = {{"path", write("t/wiki.train.raw", lines)},
                       {"max_document_mb", std::int64_t{1}}};
  EXPECT_EQ(problem_of("wikitext", given).what, "a line or document is too long");
}

TEST_F(Readers, JsonlSaysWhatIsWrongWithALine) {
  struct Case {
    std::string line, what, expected, got;
  };
  const std::vector<Case> cases = {
      {R"({"text": "cut)", "the line is not JSON", "a JSON object in UTF-8 on each line",
       "parse error at column 14: syntax error"},
      {"{\"text\": \"caf\xE9\"}", "the line is not JSON", "a JSON object in UTF-8 on each line",
       "ill-formed UTF-8 byte"},
      {R"(["text"])", "the line is no record", "a JSON object", "a JSON array"},
      {R"({"report": "R", "summary": "S"})", "the record has no field \"text\"", "text",
       "the fields report, summary"},
      {"{}", "the record has no field \"text\"", "text", "no fields"},
      {R"({"text": null})", "the field \"text\" cannot be used", "a string", "null"},
      {R"({"text": 5})", "the field \"text\" cannot be used", "a string", "number"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.line);
    const std::string file =
        write("bad.jsonl", "{\"text\": \"one\"}\n" + c.line + "\n{\"text\": \"three\"}\n");
    const Problem problem = problem_of("jsonl", {{"path", file}});
    EXPECT_EQ(problem.what, c.what);
    EXPECT_EQ(problem.where, file + ":2");
    EXPECT_EQ(problem.expected, c.expected);
    EXPECT_TRUE(has(problem.got, c.got)) << problem.got;
    EXPECT_FALSE(has(problem.got, "json.exception")) << problem.got;

    const auto documents =
        documents_of("jsonl", {{"path", file}, {"on_bad_line", std::string("skip")}});
    EXPECT_EQ(ids_of(documents), (Words{"bad.jsonl#1", "bad.jsonl#3"}));
    EXPECT_FALSE(has(documents[0].provenance, "bad lines"));
    EXPECT_TRUE(has(documents[1].provenance, "5 bytes, 1 bad lines before it"));
  }
}

// {"text":"a"} and {"text":"b"}, a line each, by gzip -n -9, zstd, xz and bzip2.
std::map<std::string, std::string> compressed_records() {
  return {
      {".gz", from_hex("1f8b0800000000000203ab562a49ad2851b2524a54aae5aa867192801c004934785a1a"
                       "000000")},
      {".zst", from_hex("28b52ffd0458bd0000887b2274657874223a2261227d0a62227d0a010050cc2f827555"
                        "0f")},
      {".xz", from_hex("fd377a585a000004e6d6b4460200210116000000742fe5a3e0001900165d003d888a86"
                       "948813e0f38942a0ef3aaab1ba997fde0000000000ac72a46c5ef563b40001321a2018"
                       "94301fb6f37d010000000004595a")},
      {".bz2", from_hex("425a683931415926535926af725800000b59800010100000103200044a20003100300a"
                        "a8d069ea45b68bbb388a4453e2ee48a70a1204d5ee4b00")},
  };
}

TEST_F(Readers, CompressionDoesNotChangeIds) {
  for (const auto& [ending, bytes] : compressed_records()) {
    SCOPED_TRACE(ending);
    const std::string folder = "in" + ending;
    EXPECT_EQ(ids_of(documents_of("jsonl", {{"path", write(folder + "/r.jsonl" + ending, bytes)}})),
              (Words{"r.jsonl#1", "r.jsonl#2"}));
    const std::string shard = "/c4-train.0.json" + ending;
    EXPECT_EQ(ids_of(documents_of("c4", {{"path", write(folder + shard, bytes)}})),
              (Words{"c4-train.0.json#1", "c4-train.0.json#2"}));
    EXPECT_EQ(ids_of(documents_of("wikitext", {{"path", write("w.jsonl" + ending, bytes)}})),
              Words{"w.jsonl#hf_join"});
    const std::string book = compressed_alpha_beta().at(ending);
    for (const char* reader : {"text", "pg19"}) {
      EXPECT_EQ(ids_of(documents_of(reader, {{"path", write("7.txt" + ending, book)}})),
                Words{"7.txt"});
    }
  }
}

TEST_F(Readers, JsonlShowsOnlyTheStartOfALongLine) {
  const std::string filling(300000, 'x');
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"text": ")" + filling, "last read: '\"xxx"},
      {R"({"text": "a", ")" + filling, "...'; expected string literal"},
      {"{\"" + filling + R"(": "no text"})", "the fields xxx"}};
  for (const auto& [line, part] : cases) {
    const Problem problem = problem_of("jsonl", {{"path", write("long.jsonl", line + "\n")}});
    EXPECT_TRUE(has(problem.got, part)) << problem.got.substr(0, 1000);
    EXPECT_TRUE(has(problem.got, "xxx...")) << problem.got.substr(0, 1000);
    EXPECT_LT(problem.got.size(), 400U);
  }
}

TEST_F(Readers, JsonLinesSayWhereEvenAtTheEnd) {
  JsonLines records({write("r.jsonl", kRecords)}, {});
  EXPECT_EQ(records.where(), "");
  records.next();
  records.next();
  EXPECT_EQ(records.where(), path("r.jsonl") + ":3");
  while (records.next()) {
  }
  EXPECT_EQ(records.where(), "");
  EXPECT_FALSE(records.next().has_value());
}

TEST_F(Readers, JsonlRefusesAFileOfWhichEverythingWouldBeSkipped) {
  const std::string file = write("reports.jsonl", "{\"report\": \"R\"}\n{\"report\": \"S\"}\n");
  const Problem problem =
      problem_of("jsonl", {{"path", file}, {"on_bad_line", std::string("skip")}});
  EXPECT_EQ(problem.what, "no line of the file can be used");
  EXPECT_EQ(problem.got,
            "2 bad lines, the first at " + file + ":1: the record has no field \"text\"");
}

TEST_F(Readers, JsonlRefusesOneIdTwice) {
  const std::string file =
      write("twice.jsonl", "{\"text\":\"a\",\"id\":\"x\"}\n{\"text\":\"b\",\"id\":\"x\"}\n");
  const Given given = {
      {"path", file}, {"id_field", std::string("id")}, {"on_bad_line", std::string("skip")}};
  const Problem problem = problem_of("jsonl", given);
  EXPECT_EQ(problem.what, "two records have one id");
  EXPECT_EQ(problem.where, file + ":2");
}

TEST_F(Readers, JsonlSaysWhenATruncatedFileEnds) {
  const std::string gz = compressed_alpha_beta().at(".gz");
  const std::string file = write("cut.jsonl.gz", gz.substr(0, gz.size() - 5));
  // A file that ends early is never a line to be skipped.
  const Given given = {{"path", file}, {"on_bad_line", std::string("skip")}};
  EXPECT_EQ(problem_of("jsonl", given).what, "the file ends early or is damaged");
}

// The first record is whole; what is wrong with its file shows at the file's end only.
TEST_F(Readers, JsonlStopsEarlyInWholeFilesOnly) {
  const std::string records = "{\"text\":\"a little cat\"}\n{\"text\":\"b\"}\n";
  const std::string whole = gzip_of(records + std::string(1000000, '\n'), 0);
  std::string damaged = whole;
  damaged[damaged.find("little")] = 'L';
  const struct {
    std::string name, bytes;
    bool is_whole;
  } cases[] = {{"whole", whole, true},
               {"damaged", damaged, false},
               {"cut", whole.substr(0, whole.size() - 1), false},
               {"followed", whole + "x", false}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const Given given = {{"path", write(c.name + ".jsonl.gz", c.bytes)},
                         {"max_documents", std::int64_t{1}}};
    if (c.is_whole) {
      EXPECT_EQ(texts_of(documents_of("jsonl", given)), Words{"a little cat"});
    } else {
      EXPECT_EQ(problem_of("jsonl", given).what, "the file ends early or is damaged");
    }
  }
}

TEST_F(Readers, JsonlBlamesTheFileForABadLineThatItsDamageMade) {
  const std::string line = "{\"text\":\"a little cat\"}\n";
  std::string damaged = gzip_of(line + line, 0);
  damaged[damaged.find('{')] = '(';
  for (const char* on_bad_line : {"fail", "skip"}) {
    const Given given = {{"path", write("bad.jsonl.gz", damaged)},
                         {"on_bad_line", std::string(on_bad_line)}};
    EXPECT_EQ(problem_of("jsonl", given).what, "the file ends early or is damaged");
  }
  const Given sound = {{"path", write("bad.jsonl.gz", gzip_of("(" + line, 0))}};
  EXPECT_EQ(problem_of("jsonl", sound).what, "the line is not JSON");
}

// Every reader on a set of three documents in two files.
TEST_F(Readers, StartOverCountAndStopAsTheyAreTold) {
  write("text/a.txt", "alpha\nbeta\n");
  write("text/b.txt", "b");
  write("pg19/1.txt", "alpha\nbeta\n");
  write("pg19/2.txt", "b");
  const std::string ab = "{\"text\":\"a\"}\n{\"text\":\"b\"}\n";
  write("c4/c4-train.0.json", ab);
  write("c4/c4-train.1.json", "{\"text\":\"c\"}\n");
  write("jsonl/0.jsonl", ab);
  write("jsonl/1.jsonl", "{\"text\":\"c\"}\n");
  // By sha256sum, of the first file.
  const std::string alpha_beta = "e49c81e2d2f84e259d40e2fb8192f3bcd198b355184845d76d8f58807d0d78ee";
  const std::string records = "22531915296e663c96ec5a359918921a1f0272bd4a82d796ecf258ace8ed9836";
  struct Case {
    std::string reader, sha256;
    std::vector<std::int64_t> documents;  // of each file
    bool stops;
  };
  const std::vector<Case> cases = {{"text", alpha_beta, {1, 1}, false},
                                   {"pg19", alpha_beta, {1, 1}, true},
                                   {"c4", records, {2, 1}, true},
                                   {"jsonl", records, {2, 1}, true}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.reader);
    const auto reader = reader_of(c.reader, {{"path", path(c.reader)}});
    const auto first = rest_of(*reader);
    EXPECT_FALSE(reader->next().has_value());
    const auto sources = reader->sources();
    ASSERT_EQ(sources.size(), 2U);
    EXPECT_EQ(sources[0].sha256, c.sha256);
    for (int i : {0, 1}) EXPECT_EQ(sources[i].documents, c.documents[i]);

    reader->rewind();
    EXPECT_TRUE(reader->sources().empty());
    reader->next();
    EXPECT_EQ(reader->sources().at(0).documents, 1);
    EXPECT_EQ(reader->sources().at(0).sha256, c.sha256);
    reader->rewind();
    const auto second = rest_of(*reader);
    EXPECT_EQ(ids_of(second), ids_of(first));
    EXPECT_EQ(texts_of(second), texts_of(first));

    if (!c.stops) continue;
    const auto one =
        reader_of(c.reader, {{"path", path(c.reader)}, {"max_documents", std::int64_t{1}}});
    for (int pass = 0; pass < 2; ++pass) {
      EXPECT_EQ(ids_of(rest_of(*one)), Words{first[0].id});
      EXPECT_EQ(one->sources().size(), 1U);
      one->rewind();
    }
  }
}

}  // namespace
}  // namespace pressroom::readers_test
