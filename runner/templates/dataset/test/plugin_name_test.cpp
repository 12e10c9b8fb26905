// The documents that plugin_name makes of a file. A row of the table is a case: add those that your
// files can have.
#include "plugin_name.cpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace pressroom::plugin_name_test {
namespace {

using Texts = std::vector<std::pair<std::string, std::string>>;  // id and text of each document

Texts rest_of(DatasetReader& reader) {
  Texts texts;
  while (std::optional<Document> document = reader.next()) {
    texts.emplace_back(document->id, document->text);
  }
  return texts;
}

TEST(PluginName, GivesTheDocumentsThatTheTableSays) {
  struct Case {
    std::string what;
    std::string file;
    Texts texts;
  };
  const std::vector<Case> cases = {
      {"a document a line", "one\ntwo\n", {{"case.txt#1", "one"}, {"case.txt#2", "two"}}},
      {"no line end behind the last", "one\ntwo", {{"case.txt#1", "one"}, {"case.txt#2", "two"}}},
      {"blank lines are none", "one\n\n \ntwo\n", {{"case.txt#1", "one"}, {"case.txt#4", "two"}}},
      {"line ends of Windows", "one\r\n", {{"case.txt#1", "one"}}},
      {"space is part of a text", " one \n", {{"case.txt#1", " one "}}},
  };
  for (const Case& c : cases) {
    std::ofstream("case.txt", std::ios::binary) << c.file;
    PluginNameDataset reader;
    reader.configure(Parameters({{"path", std::string("case.txt")}}));
    EXPECT_EQ(rest_of(reader), c.texts) << c.what;
    reader.rewind();
    EXPECT_EQ(rest_of(reader), c.texts) << c.what << ", once more";
    ASSERT_EQ(reader.sources().size(), 1U) << c.what;
    EXPECT_EQ(reader.sources()[0].documents, static_cast<std::int64_t>(c.texts.size())) << c.what;
  }
}

}  // namespace
}  // namespace pressroom::plugin_name_test
