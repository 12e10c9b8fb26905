// YAML as the config layer reads it: scalars, places, files.
#include "config_test_support.h"
#include "yaml/yaml_tree.h"

namespace pressroom::yaml_test {
namespace {

using namespace config_test;

YamlNode parse(const std::string& text) {
  ProblemList problems;
  YamlNode root = parse_yaml(YamlText(text, "a.yaml", 0), problems);
  problems.throw_if_any();
  return root;
}

YamlNode value(const std::string& scalar) { return parse("a: " + scalar).entries.at(0).value; }

std::string error_of_text(const std::string& text) {
  try {
    parse(text);
  } catch (const Error& error) {
    return error.problems().at(0).where + ": " + error.problems().at(0).what;
  }
  return "accepted";
}

TEST(YamlScalar, ReadsIntegers) {
  EXPECT_EQ(read_integer(value("0")).value, 0);
  EXPECT_EQ(read_integer(value("-17")).value, -17);
  EXPECT_EQ(read_integer(value("9223372036854775807")).value, INT64_MAX);
  EXPECT_EQ(read_integer(value("-9223372036854775808")).value, INT64_MIN);
}

TEST(YamlScalar, RefusesWhatOnlyLooksLikeAnInteger) {
  const std::pair<const char*, const char*> cases[] = {
      {"1_000", "write 1000"},
      {"010", "write 10"},
      {"+5", "write 5"},
      {"1024.0", "write 1024"},
      {"0x1F", "write the number in decimal"},
      {"0o17", "write the number in decimal"},
      {"\"5\"", "remove the quotes"},
      {"9223372036854775808", "write an integer of at most 64 bits"},
      {"1e3", ""},
      {"--", ""},
      {"1 2", ""},
      {"five", ""},
      {"[1]", ""},
      {"~", ""},
      {"1:30", ""}};
  for (const auto& [text, hint] : cases) {
    const Reading<std::int64_t> reading = read_integer(value(text));
    EXPECT_FALSE(reading.value) << text;
    EXPECT_EQ(reading.hint, hint) << text;
  }
}

TEST(YamlScalar, ReadsNumbersWhateverTheirSpelling) {
  const std::pair<const char*, double> cases[] = {{"0.5", 0.5},     {".5", 0.5},   {"5.", 5},
                                                  {"-2e-3", -2e-3}, {"1E+2", 100}, {"7", 7},
                                                  {"0.1", 0.1}};
  for (const auto& [text, number] : cases)
    EXPECT_EQ(read_number(value(text)).value, number) << text;
}

TEST(YamlScalar, RefusesWhatIsNoFiniteDecimalNumber) {
  for (const char* text : {".nan", ".inf", "-.inf", "nan", "inf", "1e999", "1_0.5", "0x1p3", "00.5",
                           ".", "-.", "1e", "1e+", "\"0.5\"", "50%", "0,5", "~", "{}"}) {
    EXPECT_FALSE(read_number(value(text)).value) << text;
  }
  EXPECT_EQ(read_number(value("0,5")).hint, "write 0.5");
  EXPECT_EQ(read_number(value(".inf")).hint, "write a finite number");
}

TEST(YamlScalar, KnowsTwoTruthValues) {
  EXPECT_EQ(read_bool(value("true")).value, true);
  EXPECT_EQ(read_bool(value("false")).value, false);
  for (const char* text : {"yes", "no", "on", "Off", "True", "y", "1", "\"true\""}) {
    EXPECT_FALSE(read_bool(value(text)).value) << text;
    EXPECT_FALSE(read_bool(value(text)).hint.empty()) << text;
  }
}

TEST(YamlScalar, WritesStringsThatReadBackTheSame) {
  for (const std::string text : {"h2o",
                                 "true",
                                 "no",
                                 "null",
                                 "~",
                                 "",
                                 "-",
                                 "a: b",
                                 "a, b",
                                 "[x]",
                                 "#",
                                 "007",
                                 ".5",
                                 "a\nb",
                                 "\t",
                                 "\"",
                                 "'",
                                 "\\",
                                 "/data/my texts/a.txt",
                                 "\xC3\xA9",
                                 "\x7f",
                                 " a",
                                 "a ",
                                 "*a",
                                 "!a"}) {
    const YamlNode list = value('[' + yaml_string(text) + ']');
    ASSERT_EQ(list.items.size(), 1U) << text;
    EXPECT_EQ(read_string(list.items[0]).value, text);
  }
}

TEST(YamlTree, KnowsWhereEverythingIsInCharacters) {
  const YamlNode root =
      parse("\xEF\xBB\xBFname: x\r\nb: {\xC3\xA9: 1, y: 2}\r\nl:\r\n  - a\r\n  -\r\n");
  EXPECT_EQ(root.find("name")->value.place.text(), "a.yaml:1:7");
  EXPECT_EQ(root.find("b")->value.find("y")->key_place.text(), "a.yaml:2:11");
  EXPECT_EQ(root.find("l")->value.items.at(0).place.text(), "a.yaml:4:5");
  EXPECT_EQ(root.find("l")->value.items.at(1).place.text(), "a.yaml:5:3");
}

TEST(YamlTree, TellsQuotedFromPlain) {
  EXPECT_TRUE(value("5").plain);
  EXPECT_FALSE(value("'5'").plain);
  EXPECT_FALSE(value("\"5\"").plain);
  EXPECT_EQ(value("\"null\"").kind, YamlKind::kScalar);
  EXPECT_EQ(value("null").kind, YamlKind::kNull);
}

TEST(YamlTree, RefusesWhatIsNotOneWholeDocument) {
  EXPECT_EQ(error_of_text("a: 'it''s"), "a.yaml:1:4: a quote is never closed");
  EXPECT_EQ(error_of_text("a: 'it''s'"), "accepted");
  EXPECT_EQ(error_of_text("a: \"x\\\""), "a.yaml:1:4: a quote is never closed");
  EXPECT_EQ(error_of_text("a: {b: [1}"), "a.yaml:1:10: this is not YAML: illegal flow end");
  EXPECT_EQ(error_of_text("a: {b: 1"), "a.yaml:1:4: a bracket is never closed");
  EXPECT_EQ(error_of_text("a: 1\n---\n"), "a.yaml:2:1: a second document begins here");
  EXPECT_EQ(error_of_text("---\na: 1\n...\n"), "accepted");
  EXPECT_EQ(error_of_text(""), "a.yaml: the config is empty");
  EXPECT_EQ(error_of_text(std::string("a: \0", 4)), "a.yaml:1:4: a control character");
  EXPECT_EQ(error_of_text("a: ! 5"), "a.yaml:1:4: tags are not accepted");
}

TEST(YamlText, SaysWhyAFileCannotBeRead) {
  const ConfigFolder folder;
  const auto what = [](const std::filesystem::path& file) -> std::string {
    try {
      YamlText::read(file);
    } catch (const Error& error) {
      return error.problems().at(0).what + ", " + error.problems().at(0).got;
    }
    return "accepted";
  };
  EXPECT_EQ(what(folder.path()), "the config is a folder, a folder");
  EXPECT_EQ(what(folder.path() / "none.yaml"), "the config cannot be read, no such file");
  EXPECT_EQ(what(folder.write("big", std::string(5 << 20, 'a'))),
            "the file is too large to be a config, more than that");
  EXPECT_EQ(what(folder.write("good", "a: 1")), "accepted");
}

TEST(YamlTree, SurvivesDeepNesting) {
  EXPECT_NE(error_of_text("a: " + std::string(100000, '[')), "accepted");
}

}  // namespace
}  // namespace pressroom::yaml_test
