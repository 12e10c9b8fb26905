// The tokenizer, on files small enough to work out by hand, on an extract of GPT-2's merges with
// the ids of the reference library, and on whole published files where they are at hand.
#include "tokenizer/tokenizer.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <future>
#include <nlohmann/json.hpp>
#include <sstream>

#include "pressroom/error.h"
#include "tokenizer/split_pattern.h"

namespace pressroom {
namespace {

using nlohmann::json;
using Ids = std::vector<std::int64_t>;
using Tokenizers = std::unique_ptr<Tokenizer>;

Tokenizers load_text(const std::string& contents) {
  const std::string test = ::testing::UnitTest::GetInstance()->current_test_info()->name();
  const std::filesystem::path file = ::testing::TempDir() + "pressroom_" + test + ".json";
  std::ofstream(file, std::ios::binary) << contents;
  struct Removal {
    const std::filesystem::path& file;
    ~Removal() { std::filesystem::remove(file); }
  } removal{file};
  return Tokenizer::load(file);
}

Tokenizers load(const json& contents) { return load_text(contents.dump()); }

// The message of the Error that `act` throws, "" when it throws none.
template <class Act>
std::string error_of(Act act) {
  try {
    act();
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

// The 256 spellings of bytes, under the ids that GPT-2 gives them: the code points in order.
json alphabet() {
  json vocab;
  const auto add = [&vocab](int first, int last) {
    for (int code = first; code <= last; ++code) {
      std::string character(1, static_cast<char>(code));
      if (code >= 0x80) {
        character = {static_cast<char>(0xC0 + code / 64), static_cast<char>(0x80 + code % 64)};
      }
      vocab[character] = vocab.size();
    }
  };
  add('!', '~');
  add(0xA1, 0xAC);
  add(0xAE, 0xFF);
  add(0x100, 0x100 + 67);
  return vocab;
}

json file_of(const json& vocab, const json& merges) {
  return {{"added_tokens", json::array()},
          {"normalizer", nullptr},
          {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}}},
          {"post_processor", nullptr},
          {"decoder", {{"type", "ByteLevel"}}},
          {"model", {{"type", "BPE"}, {"vocab", vocab}, {"merges", merges}}}};
}

// Twelve merges, ids 256 to 267 in the order of their ranks; added tokens; and one word, 272,
// that no merge makes. A visible ASCII character c has the id c - 33, a space 220.
json tiny() {
  json vocab = alphabet();
  json merges;
  for (const char* merge : {"l o", "lo w", "e r", "Ġ low", "n e", "ne w", "Ġ new", "1 2", "a a",
                            "aa aa", "Ã ©", "low er"}) {
    std::string joined = merge;
    joined.erase(joined.find(' '), 1);
    vocab[joined] = vocab.size();
    merges.push_back(merge);
  }
  vocab["xyz"] = 272;
  json file = file_of(vocab, merges);
  file["added_tokens"] = {
      {{"id", 268}, {"content", "<s>"}, {"special", true}, {"normalized", false}},
      {{"id", 269}, {"content", "</s>"}, {"special", true}, {"normalized", false}},
      {{"id", 270}, {"content", "<s>x"}, {"special", false}, {"normalized", false}},
      {{"id", 271}, {"content", "<pad>"}, {"lstrip", true}, {"rstrip", true}, {"special", true}},
      {{"id", 273}, {"content", "y<s>"}, {"special", false}, {"normalized", true}}};
  return file;
}

struct Case {
  std::string text;
  Ids ids;
};

void expect_cases(const Tokenizer& tokenizer, const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    EXPECT_EQ(tokenizer.encode(c.text, Special::kNone), c.ids) << c.text;
    EXPECT_EQ(tokenizer.decode(c.ids), c.text);
  }
}

// Of GPT-2's 50000 merges those that can take part in the texts below, as rank:left:right; the id
// of a merge is 256 + its rank.
constexpr char kGpt2Merges[] = R"(
2:h:e 3:i:n 5:o:n 7:e:r 10:Ġ:w 12:e:n 13:Ġ:c 16:a:n 17:o:r 22:in:g 33:Ġ:h 35:i:c 40:o:m 41:l:l
49:r:o 52:Ġ:g 56:i:d 57:o:t 58:Ġ:I 79:l:d 83:Ġ:he 100:Ġw:e 102:n:d 104:Ġ:D 136:an:d 141:a:b
144:t:h 145:Ġc:om 157:e:w 161:e:l 181:en:d 191:â:Ģ 211:Ġg:o 214:':t 220:Ġw:or 244:in:e 372:Ċ:Ċ
439:e:ll 454:n:e 476:w:e 507:Ġc:o 512:n:ing 526:n:g 529:c:om 593:ot:h 739:Ġwor:ld 817:c:o
845:':m 1084:O:N 1114:l:ine 1136:Ġg:ot 1288:H:e 1293:':d 1508:or:ld 1718:Ġcom:b 1766:m:b
1932:g:o 2125:om:b 2480:z:e 2559:l:in 2813:L:L 2935:in:ing 3273:er:o 3349:n:ew 4272:l:i 4342:d:o
5047:h:i 5106:in:i 5183:l:o 5393:id:th 6638:w:orld 6996:a:a 8070:t:a 8154:ĠD:O 8205:n:i 8226:b:i
8402:t:ab 8544:b:in 8843:d:on 8851:z:er 8958:Ġw:id 9269:âĢ:ĭ 9391:Ġw:idth 10138:w:idth
10853:ell:o 11720:à:¤ 12210:Ġ:Ð 12365:H:el 12663:Ø:§ 13606:Ù:Ħ 15240:H:ello 16587:Ð:µ 17294:Ġ:Ø
17971:D:O 18542:ll:o 18593:Ð:¸ 19515:Ġcomb:ining 20119:Ñ:Ĥ 20913:Ñ:Ģ 21382:w:o 22314:z:ero
23186:g:ot 23269:Ø§:ÙĦ 23661:ĠD:ON 23755:com:b 23975:à:¥ 24230:Ġw:o 24538:aa:aa 25149:Ù:ħ
25924:Î:½ 26261:Î:¿ 26641:Ø:± 27773:w:id 27797:Ġ:á 27969:Ġ:à¤ 27998:H:ell 28408:d:t 31327:Ð:º
33387:Ï:ģ 34817:n:in 35302:Ï:Ĥ 37430:w:i 38601:Ð:² 39592:Ø:¨ 40733:w:l 40917:D:ON 42852:Ð:¼
44434:Ø:¹ 45239:á:½ 45639:r:l 45711:Ġw:i 45815:aa:a 46326:Ï:Ģ 47821:à¤:¾ 49279:Ï:ī)";

TEST(Tokenizer, GivesTheIdsOfTheReferenceForGpt2) {
  json vocab = alphabet();
  json merges;
  std::istringstream rows(kGpt2Merges);
  for (std::string row; rows >> row;) {
    const std::size_t left = row.find(':') + 1;
    const std::size_t right = row.find(':', left) + 1;
    merges.push_back({row.substr(left, right - left - 1), row.substr(right)});
    const std::string joined = merges.back()[0].get<std::string>() + row.substr(right);
    vocab[joined] = 256 + std::stoi(row);
  }
  expect_cases(
      *load(file_of(vocab, merges)),
      {
          {"Hello world", {15496, 995}},
          {"tab\tand\nnewline\r\n\r\nend ",
           {8658, 197, 392, 198, 3605, 1370, 201, 198, 201, 198, 437, 220}},
          {"\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440! \u0401\u0436\u0438\u043a",
           {140, 253, 21169, 18849, 38857, 16843, 20375, 11, 12466, 120, 18849, 21169, 0, 12466,
            223, 140, 114, 18849, 31583}},
          {"\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645",
           {25405, 26897, 148, 255, 39848, 12919, 17550, 101, 23525, 44690, 23525, 25405}},
          {"don't DON'T we'LL I'm he'd",
           {9099, 470, 23917, 6, 51, 356, 6, 3069, 314, 1101, 339, 1549}},
          {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
           {24794, 24794, 24794, 24794, 24794, 24794, 24794, 24794, 24794, 24794}},
          {"\n\n\n", {628, 198}},
          {"\u1f41 \u1f04\u03bd\u03b8\u03c1\u03c9\u03c0\u03bf\u03c2",
           {45495, 223, 28053, 120, 226, 26180, 138, 116, 33643, 49535, 46582, 26517, 35558}},
          {"\u200bzero width", {9525, 22570, 9647}},
          {"\u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0928\u093f\u092f\u093e",
           {11976, 101, 11976, 106, 11976, 116, 24231, 235, 11976, 97,  24231, 229,
            28225, 99,  24231, 223, 11976, 101, 11976, 123, 11976, 107, 48077}},
          {"\U00010348 gothic", {172, 238, 235, 230, 308, 849, 291}},
          {"e\u0301 combining", {68, 136, 223, 19771}},
          {"", {}},
          {" ", {220}},
      });
}

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
                            {"\x80<s>\x80", {222, 268, 222}}});
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
  expect_cases(*tokenizer, {{"low<s>low", {257, 268, 257}},
                            {"<s><s>xx", {268, 270, 87}},  // the longest of those at one place
                            {"y<s>", {88, 268}},           // "normalized": false goes first
                            {"<s", {27, 82}}});
  EXPECT_EQ(tokenizer->encode("low \u00a0<pad>\t low", Special::kNone), (Ids{257, 271, 257}));
  EXPECT_EQ(tokenizer->encode(" <pad> <pad>", Special::kNone), (Ids{271, 271}));
}

TEST(Tokenizer, AddsTheSpecialTokensOfTheTemplate) {
  json file = tiny();
  const json special = {{"<s>", {{"ids", {268}}}}, {"</s>", {{"ids", {269}}}}};
  const auto name = [](const char* id) { return json{{"SpecialToken", {{"id", id}}}}; };
  const json text = {{"Sequence", {{"id", "A"}}}};
  const json both = {{"type", "TemplateProcessing"},
                     {"single", {name("<s>"), text, name("</s>")}},
                     {"special_tokens", special}};
  for (const json& processor :
       {both, json{{"type", "Sequence"}, {"processors", {{{"type", "ByteLevel"}}, both}}}}) {
    file["post_processor"] = processor;
    const Tokenizers tokenizer = load(file);
    EXPECT_EQ(tokenizer->encode("low", Special::kAdd), (Ids{268, 257, 269}));
    EXPECT_EQ(tokenizer->encode("", Special::kAdd), (Ids{268, 269}));
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
      {{{"type", "ByteLevel"}}, {"low<s>low", {259, 268, 259}}},  // add_prefix_space
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
  expect_cases(*load(file), {{"xyz", {272}}, {"xyzz", {87, 88, 89, 89}}});

  file = tiny();
  file["model"]["vocab"].erase("x");
  file["model"]["vocab"].erase("y");
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
  EXPECT_EQ(tokenizer->token_bytes(268), "<s>");
  for (const std::int64_t id : {-1, 274}) {
    EXPECT_NE(error_of([&] { tokenizer->decode({id}); }).find("from 0 to 273"), std::string::npos);
    EXPECT_NE(error_of([&] { tokenizer->token_bytes(id); }), "");
  }
}

TEST(Tokenizer, NamesWhatItDoesNotUnderstand) {
  struct Change {
    std::string at;
    json value;
    std::vector<std::string> named;
  };
  const std::vector<Change> changes = {
      {"/normalizer", {{"type", "NFC"}}, {": normalizer: unknown normalizer \"NFC\"", "null"}},
      {"/pre_tokenizer",
       {{"type", "Whitespace"}},
       {"unknown pre_tokenizer \"Whitespace\"", "ByteLevel, Digits, Sequence, Split"}},
      {"/pre_tokenizer", nullptr, {"unknown pre_tokenizer \"null\""}},
      {"/pre_tokenizer", {{"type", "Digits"}}, {"has no ByteLevel"}},
      {"/post_processor", {{"type", "BertProcessing"}}, {"BertProcessing", "TemplateProcessing"}},
      {"/decoder", {{"type", "WordPiece"}}, {"unknown decoder \"WordPiece\"", "ByteLevel"}},
      {"/model/type", "Unigram", {"unknown model \"Unigram\"", "BPE"}},
      {"/model/byte_fallback", true, {"SentencePiece-style", "byte_fallback"}},
      {"/pre_tokenizer", {{"type", "Metaspace"}}, {"SentencePiece-style", "pre_tokenizer"}},
      {"/model/dropout", 0.1, {"\"dropout\"", "0.1"}},
      {"/model/merges/3", "low zz", {"merges[3]", "\"zz\""}},
      {"/model/merges/0", "l", {"merges[0]"}},
      {"/model/vocab/low", "two", {"token id", "\"two\""}},
      {"/model/vocab/low", 5000000000, {"token id", "5000000000"}},
      {"/model/vocab/low", 256, {"two tokens have one id", "256"}},
      {"/model/vocab", nullptr, {"merges[0]"}},
      {"/added_tokens/0/single_word", true, {"added_tokens[0]", "single_word"}},
      {"/added_tokens/0/id", 257, {"\"<s>\"", "257", "\"low\""}},
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
  }
  for (const char* member : {"/added_tokens/0/content", "/model/merges", "/model", "/decoder"}) {
    const json removal = {{{"op", "remove"}, {"path", member}}};
    EXPECT_NE(error_of([&] { load(tiny().patch(removal)); }), "") << member;
  }
  EXPECT_NE(error_of([] { Tokenizer::load("no/such/file"); }).find("no such file"),
            std::string::npos);
  EXPECT_NE(error_of([] { Tokenizer::load("."); }), "");
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

TEST(SplitPattern, RefusesWhatMeansSomethingElseInPcre2) {
  for (const char* pattern : {"\\w+", "\\b", "a{1,2}+", "[a[bc]]", "[a&&b]", "(?m)a", "a*", "(",
                              "[]a]", "\\x41", "(*UCP)a", "\\"}) {
    EXPECT_NE(error_of([&] { SplitPattern(pattern, "here"); }).find("here: the split pattern"),
              std::string::npos)
        << pattern;
  }
}

TEST(SplitPattern, TakesTheWhiteSpaceOfUnicode) {
  const SplitPattern space("\\s", "here");
  const std::vector<std::pair<std::string, std::size_t>> cases = {
      {"a\u00a0b", 3}, {"a\u0085b", 3}, {"a\u3000b", 3}, {"a\u180eb", 1}, {"a\u200bb", 1}};
  for (const auto& [text, words] : cases) {
    SplitPattern::Matcher matcher;
    std::vector<std::string_view> found;
    space.isolate(text, matcher, found);
    EXPECT_EQ(found.size(), words) << text;
  }
}

TEST(SplitPattern, TakesALongRunOfSpacesWhole) {
  const SplitPattern pattern("\\p{L}+|\\s*[\\r\\n]+|\\s+", "here");
  const std::string spaces(12'000'000, ' ');
  SplitPattern::Matcher matcher;
  std::vector<std::string_view> words;
  pattern.isolate(spaces, matcher, words);
  ASSERT_EQ(words.size(), 1U);
  EXPECT_EQ(words[0].size(), spaces.size());
}

// The published files, where a directory `shared` beside the source tree or PRESSROOM_SHARED has
// them. Files with an NFC normalizer are read without it, and without the one text it changes.
TEST(Tokenizer, AgreesWithTheReferenceOnPublishedFiles) {
  const char* variable = std::getenv("PRESSROOM_SHARED");
  const std::filesystem::path beside = std::filesystem::path(__FILE__).parent_path() / "../../..";
  const std::filesystem::path shared = variable != nullptr ? variable : beside / "shared";
  std::ifstream goldens(shared / "goldens/tokenizers.json");
  if (!goldens)
    GTEST_SKIP() << "no goldens/tokenizers.json in " << shared << "; see PRESSROOM_SHARED";
  const json cases = json::parse(goldens).at("cases");
  for (const char* name : {"gpt2", "neox", "qwen3"}) {
    std::ifstream stream(shared / "data/tokenizers" / (std::string(name) + ".json"));
    json file = json::parse(stream);
    const bool normalized = !file["normalizer"].is_null();
    file["normalizer"] = nullptr;
    const Tokenizers tokenizer = load(file);
    int checked = 0;
    for (const json& c : cases.at(name)) {
      const std::string text = c["text"];
      if (normalized && text.find("e\u0301") != std::string::npos) continue;
      EXPECT_EQ(tokenizer->encode(text, Special::kNone), c["ids"].get<Ids>()) << name << text;
      EXPECT_EQ(tokenizer->encode(text, Special::kAdd), c["ids_with_special"].get<Ids>());
      EXPECT_EQ(tokenizer->decode(c["ids"].get<Ids>()), c["decoded"].get<std::string>());
      ++checked;
    }
    EXPECT_EQ(checked, normalized ? 25 : 26) << name;
  }
}

}  // namespace
}  // namespace pressroom
