// Tokenizer files that are not what they should be: an Error that says where, whatever it is.
#include "counted_memory.h"
#include "tokenizer_tiny.h"

namespace pressroom::tokenizer_test::tokenizer_damage_test {
namespace {

TEST(Tokenizer, NamesWhatItDoesNotUnderstand) {
  struct Change {
    std::string at;
    json value;
    std::vector<std::string> named;
  };
  const std::vector<Change> changes = {
      {"/normalizer",
       {{"type", "Lowercase"}},
       {": normalizer: unknown normalizer \"Lowercase\"", "NFC, Prepend, Replace, Sequence"}},
      {"/pre_tokenizer",
       {{"type", "Whitespace"}},
       {"unknown pre_tokenizer \"Whitespace\"", "ByteLevel, Digits, Metaspace, Sequence, Split"}},
      {"/pre_tokenizer", nullptr, {"decoder does not undo", "a decoder that is not ByteLevel"}},
      {"/decoder", {{"type", "Fuse"}}, {"decoder does not undo", "a decoder that is ByteLevel"}},
      {"/post_processor", {{"type", "BertProcessing"}}, {"BertProcessing", "TemplateProcessing"}},
      {"/decoder", {{"type", "WordPiece"}}, {"unknown decoder \"WordPiece\"", "ByteLevel"}},
      {"/model/type", "Unigram", {"unknown model \"Unigram\"", "BPE"}},
      {"/model/unk_token", "absent", {"\"unk_token\"", "absent"}},
      {"/model/dropout", 0.1, {"\"dropout\"", "0.1"}},
      {"/model/merges/3", "low zz", {"merges[3]", "\"zz\""}},
      {"/model/merges/0", "l", {"merges[0]"}},
      {"/model/vocab/low", "two", {"token id", "\"two\""}},
      {"/model/vocab/low", 5000000000, {"token id", "5000000000"}},
      {"/model/vocab/low", 256, {"two tokens have one id", "256"}},
      {"/model/vocab", nullptr, {"\"vocab\"", "an object", "null"}},
      {"/model/merges", "l o", {"\"merges\"", "a list", "l o"}},
      {"/model/merges/0", {1, 2}, {"merges[0]", "[1,2]"}},
      {"/model/ignore_merges", 1, {"\"ignore_merges\"", "true or false"}},
      {"/pre_tokenizer", "ByteLevel", {": pre_tokenizer: ", "a member \"type\""}},
      {"/pre_tokenizer/type", 3, {"\"type\"", "a string", "3"}},
      {"/added_tokens", "<s>", {"\"added_tokens\"", "a list"}},
      {"/added_tokens/1/content", nullptr, {"added_tokens[1]", "\"content\"", "null"}},
      {"/added_tokens/0/single_word", true, {"added_tokens[0]", "single_word"}},
      {"/model/vocab/low", 269, {"\"<s>\"", "269", "\"low\"", "holes"}},
      {"/truncation", {{"max_length", 8}}, {"\"truncation\""}}};
  for (const Change& change : changes) {
    json file = tiny();
    file[json::json_pointer(change.at)] = change.value;
    const std::string message = error_of([&] { load(file); });
    for (const std::string& part : change.named) {
      EXPECT_NE(message.find(part), std::string::npos) << change.at << " gives\n" << message;
    }
  }
}

TEST(Tokenizer, RefusesTornFiles) {
  const std::string whole = tiny().dump();
  for (std::size_t length = 0; length < whole.size(); length += 97) {
    const std::string message = error_of([&] { load_text(whole.substr(0, length)); });
    EXPECT_NE(message.find("not well-formed JSON"), std::string::npos) << length;
    EXPECT_EQ(message.find("json.exception"), std::string::npos) << message;
  }
  for (const char* member : {"/added_tokens/0/content", "/model/merges", "/model", "/decoder"}) {
    const json removal = {{{"op", "remove"}, {"path", member}}};
    EXPECT_NE(error_of([&] { load(tiny().patch(removal)); }), "") << member;
  }
  EXPECT_NE(error_of([] { Tokenizer::load("no/such/file"); }).find("no such file"),
            std::string::npos);
  EXPECT_NE(error_of([] { Tokenizer::load("."); }), "");
}

TEST(DamagedTokenizer, IsRefusedForANumberThatNoNumberCanHold) {
  const std::string message = error_of([] { load_text(R"({"model": 1e400})"); });
  EXPECT_NE(message.find("a number that no number can hold"), std::string::npos) << message;
  expect_readable(message);
}

std::string nested(const char* list, std::size_t levels) {
  json file = tiny();
  file["normalizer"] = "HERE";
  std::string deep;
  for (std::size_t i = 0; i < levels; ++i) {
    deep += std::string(R"({"type":"Sequence",")") + list + R"(":[)";
  }
  deep += R"({"type":"NFC"})";
  for (std::size_t i = 0; i < levels; ++i) deep += "]}";
  std::string text = file.dump();
  return text.replace(text.find("\"HERE\""), 6, deep);
}

// The reference reads up to 127 lists and objects in one another; each Sequence is two.
TEST(DamagedTokenizer, IsRefusedWhenItIsDeeperThanTheReferenceReads) {
  EXPECT_EQ(load_text(nested("normalizers", 62))->encode("low e\u0301", Special::kNone),
            (Ids{257, 220, 266}));
  for (const std::size_t levels : {std::size_t{63}, std::size_t{20'000}}) {
    const std::string text = nested("normalizers", levels);
    const std::size_t before = memory_asked_for();
    const std::string message = error_of([&] { load_text(text); });
    EXPECT_LT(memory_asked_for() - before, 8 * text.size() + (std::size_t{8} << 20)) << levels;
    EXPECT_NE(message.find("nested too deeply"), std::string::npos) << message;
    expect_readable(message);
  }
  EXPECT_NE(error_of([] { load_text(std::string(5'000'000, '[')); }), "");
}

// Brackets in strings are no depth.
TEST(DamagedTokenizer, CountsNoBracketsInStrings) {
  json file = tiny();
  file["added_tokens"][2]["content"] = std::string(300, '[') + "\\\"" + std::string(300, '{');
  EXPECT_EQ(load(file)->vocabulary_size(), 274);
}

}  // namespace
}  // namespace pressroom::tokenizer_test::tokenizer_damage_test
