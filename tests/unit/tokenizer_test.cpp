// Byte-level tokenizers, on files small enough to work out by hand.
#include "tokenizer/tokenizer.h"

#include <future>

#include "tokenizer_tiny.h"

namespace pressroom::tokenizer_test {
namespace {

TEST(Tokenizer, MergesByRankAndThenFromTheLeft) {
  json file = tiny();
  const std::vector<Case> cases = {{"", {}},
                                   {"lower newer", {267, 262, 258}},
                                   {"slow", {82, 257}},
                                   {"aaa", {264, 64}},
                                   {"aaaaa", {265, 64}},
                                   {"it's 12", {72, 83, 6, 82, 220, 263}},
                                   {"low  low", {257, 220, 259}},
                                   {"xyz", {87, 88, 89}},
                                   {"\u00e9", {266}},
                                   {std::string(1 << 16, 'a'), Ids(1 << 14, 265)}};
  expect_cases(*load(file), cases);
  json pairs;
  for (const json& merge : file["model"]["merges"]) {
    const std::string text = merge;
    pairs.push_back({text.substr(0, text.find(' ')), text.substr(text.find(' ') + 1)});
  }
  file["model"]["merges"] = pairs;
  expect_cases(*load(file), cases);
}

TEST(Tokenizer, KeepsInvalidUtf8Bytes) {
  const Tokenizers tokenizer = load(tiny());
  // Valid runs are merged as ever; 0xAE..0xFF have the ids from 106 on, 0x80.. those from 222 on.
  expect_cases(*tokenizer, {{"caf\xC3", {66, 64, 69, 127}},
                            {"low\xFFlow", {257, 187, 257}},
                            {"\xC3\xC3\xA9", {127, 266}},
                            {"\xC0\xAF", {124, 107}},
                            {"\xE2\x82", {158, 224}},
                            {"\xED\xA0\x80", {169, 254, 222}},
                            {"\x80<s>\x80", {222, 269, 222}}});
  std::string every;
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; second += 5) {
      every += {static_cast<char>(first), static_cast<char>(second)};
    }
  }
  EXPECT_EQ(tokenizer->decode(tokenizer->encode(every, Special::kNone)), every);
}

TEST(Tokenizer, CutsAddedTokensOutOfTheText) {
  const Tokenizers tokenizer = load(tiny());
  expect_cases(*tokenizer, {{"low<s>low", {257, 269, 257}},
                            {"<s><s>xx", {269, 271, 87}},  // the longest of those at one place
                            {"y<s>", {88, 269}},           // "normalized": false goes first
                            {"<s", {27, 82}}});
  EXPECT_EQ(tokenizer->encode("low \u00a0<pad>\t low", Special::kNone), (Ids{257, 272, 257}));
  EXPECT_EQ(tokenizer->encode(" <pad> <pad>", Special::kNone), (Ids{272, 272}));
}

TEST(Tokenizer, AddsTheSpecialTokensOfTheTemplate) {
  json file = tiny();
  const json special = {{"<s>", {{"ids", {269}}}}, {"</s>", {{"ids", {270}}}}};
  const auto name = [](const char* id) { return json{{"SpecialToken", {{"id", id}}}}; };
  const json text = {{"Sequence", {{"id", "A"}}}};
  const json both = {{"type", "TemplateProcessing"},
                     {"single", {name("<s>"), text, name("</s>")}},
                     {"special_tokens", special}};
  for (const json& processor :
       {both, json{{"type", "Sequence"}, {"processors", {{{"type", "ByteLevel"}}, both}}}}) {
    file["post_processor"] = processor;
    const Tokenizers tokenizer = load(file);
    EXPECT_EQ(tokenizer->encode("low", Special::kAdd), (Ids{269, 257, 270}));
    EXPECT_EQ(tokenizer->encode("", Special::kAdd), (Ids{269, 270}));
    EXPECT_EQ(tokenizer->encode("low", Special::kNone), (Ids{257}));
  }
}

TEST(Tokenizer, ReadsThePreTokenizersItKnows) {
  const json byte_level = {
      {"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}};
  const auto sequence = [&](const json& first) {
    return json{{"type", "Sequence"}, {"pretokenizers", {first, byte_level}}};
  };
  const auto split = [&](const char* regex) {
    return sequence({{"type", "Split"}, {"pattern", {{"Regex", regex}}}, {"behavior", "Isolated"}});
  };
  const auto digits = [&](bool each) {
    return sequence({{"type", "Digits"}, {"individual_digits", each}});
  };
  const std::vector<std::pair<json, Case>> cases = {
      {{{"type", "ByteLevel"}}, {"low<s>low", {259, 269, 259}}},  // add_prefix_space
      {{{"type", "ByteLevel"}}, {" low", {259}}},
      {byte_level, {"new low", {261, 259}}},
      {split("lo|."), {"low low", {256, 86, 220, 256, 86}}},
      {split("(?i:'S)|\\p{L}"), {"12's", {263, 6, 82}}},  // what no match takes is a word
      {digits(true), {"x12 low", {87, 16, 17, 259}}},
      {digits(false), {"x12 low", {87, 263, 259}}}};
  for (const auto& [pre_tokenizer, expected] : cases) {
    json file = tiny();
    file["pre_tokenizer"] = pre_tokenizer;
    EXPECT_EQ(load(file)->encode(expected.text, Special::kNone), expected.ids) << pre_tokenizer;
  }
}

TEST(Tokenizer, HonoursTheOptionsOfTheModel) {
  json file = tiny();
  file["model"]["ignore_merges"] = true;
  expect_cases(*load(file), {{"xyz", {268}}, {"xyzz", {87, 88, 89, 89}}});

  file = tiny();
  json& vocab = file["model"]["vocab"];
  for (const char* letter : {"x", "y"}) {  // without a hole
    vocab[std::string("no ") + letter] = vocab[letter];
    vocab.erase(letter);
  }
  const auto encode = [&] { return load(file)->encode("xylow", Special::kNone); };
  EXPECT_NE(error_of(encode).find("no token for byte 120"), std::string::npos);
  file["model"]["unk_token"] = "b";
  EXPECT_EQ(encode(), (Ids{65, 65, 257}));
  file["model"]["fuse_unk"] = true;
  EXPECT_EQ(encode(), (Ids{65, 257}));
}

TEST(Tokenizer, KnowsTheBytesOfEveryId) {
  const Tokenizers tokenizer = load(tiny());
  EXPECT_EQ(tokenizer->vocabulary_size(), 274);
  EXPECT_EQ(tokenizer->token_bytes(259), " low");
  EXPECT_EQ(tokenizer->token_bytes(127), "\xC3");
  EXPECT_EQ(tokenizer->token_bytes(188), std::string(1, '\0'));
  EXPECT_EQ(tokenizer->token_bytes(269), "<s>");
  for (const std::int64_t id : {-1, 274}) {
    EXPECT_NE(error_of([&] { tokenizer->decode({id}); }).find("from 0 to 273"), std::string::npos);
    EXPECT_NE(error_of([&] { tokenizer->token_bytes(id); }), "");
  }
}

TEST(Tokenizer, EncodesFromSeveralThreadsAtOnce) {
  const Tokenizers tokenizer = load(tiny());
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "lower newer " + std::to_string(i);
  const Ids expected = tokenizer->encode(text, Special::kNone);
  std::vector<std::future<Ids>> others;
  for (int i = 0; i < 4; ++i) {
    others.push_back(
        std::async(std::launch::async, [&] { return tokenizer->encode(text, Special::kNone); }));
  }
  for (std::future<Ids>& other : others) EXPECT_EQ(other.get(), expected);
}

}  // namespace
}  // namespace pressroom::tokenizer_test
