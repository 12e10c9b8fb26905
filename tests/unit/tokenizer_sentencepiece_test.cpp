// SentencePiece-style tokenizers, on a vocabulary small enough to work out by hand.
#include "tokenizer_sentencepiece.h"

#include "tokenizer_test_support.h"

namespace pressroom::tokenizer_test::tokenizer_sentencepiece_test {
namespace {

TEST(SentencePiece, MergesByRankAcrossTheWholeText) {
  const Tokenizers tokenizer = load(sentencepiece());
  expect_cases(*tokenizer, {{"", {}},
                            {"low", {268}},
                            {"lower", {268, 269}},
                            {" low", {259, 268}},
                            {"  low", {270, 268}},
                            {"low low", {268, 268}},
                            {" ", {270}},
                            {"   ", {271}},
                            {"low\n", {268, 13}},
                            {"\u00e9", {259, 198, 172}},
                            {"x", {259, 123}}});
  EXPECT_EQ(tokenizer->encode("\u2581low", Special::kNone), (Ids{259, 268}));  // as " low"
}

TEST(SentencePiece, HonoursMergesThatCrossSpaces) {
  json file = sentencepiece();
  file["model"]["vocab"]["w\u2581"] = 274;
  file["model"]["merges"].insert(file["model"]["merges"].begin(), "w \u2581");
  expect_cases(*load(file), {{"low low", {259, 266, 274, 267}}});
}

TEST(SentencePiece, KeepsInvalidUtf8Bytes) {
  const Tokenizers tokenizer = load(sentencepiece());
  expect_cases(*tokenizer, {{"low\xFF", {268, 258}},
                            {"lo\xC3w", {259, 266, 198, 262}},
                            {"\xC3\xC3\xA9", {259, 198, 198, 172}}});
  std::string every;
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; second += 5) {
      every += {static_cast<char>(first), static_cast<char>(second)};
    }
  }
  EXPECT_EQ(tokenizer->decode(tokenizer->encode(every, Special::kNone)), every);
}

// "</s>" is cut out first, and each of the texts around it is normalized as a text of its own.
TEST(SentencePiece, PutsASpaceBeforeEachText) {
  json file = sentencepiece();
  const Tokenizers tokenizer = load(file);
  EXPECT_EQ(tokenizer->encode("low</s>low", Special::kNone), (Ids{268, 2, 268}));
  EXPECT_EQ(tokenizer->decode({268, 2, 268}), "low</s> low");
  EXPECT_EQ(tokenizer->encode("low", Special::kAdd), (Ids{1, 268}));
  EXPECT_EQ(tokenizer->decode({1, 268}), "<s> low");

  // "normalized": true makes it "\u2581</s>" in what the normalizer has made of the text.
  for (json& token : file["added_tokens"]) token["normalized"] = true;
  EXPECT_EQ(load(file)->encode("low </s>low", Special::kNone), (Ids{268, 2, 267}));
}

TEST(SentencePiece, ReadsMetaspace) {
  struct Row {
    const char* scheme;
    bool split;
    std::string text;
    Ids ids;
    std::string decoded;
  };
  const std::vector<Row> rows = {{"first", true, "low</s>low", {268, 2, 267}, "low</s>low"},
                                 {"first", false, "low</s> low", {268, 2, 268}, "low</s> low"},
                                 {"always", true, "low</s>low", {268, 2, 268}, "low</s> low"},
                                 {"always", true, " low", {268}, "low"},
                                 {"never", true, "low low", {267, 268}, "low low"},
                                 {"never", true, " low", {268}, " low"},
                                 {"first", true, "low   ", {268, 259, 259, 259}, "low   "},
                                 {"first", false, "low   ", {268, 270, 259}, "low   "}};
  for (const Row& row : rows) {
    json file = sentencepiece();
    file["normalizer"] = nullptr;
    file["pre_tokenizer"] = {{"type", "Metaspace"},
                             {"replacement", "\u2581"},
                             {"prepend_scheme", row.scheme},
                             {"split", row.split}};
    file["decoder"] = file["pre_tokenizer"];
    const Tokenizers tokenizer = load(file);
    EXPECT_EQ(tokenizer->encode(row.text, Special::kNone), row.ids) << row.scheme << row.text;
    EXPECT_EQ(tokenizer->decode(row.ids), row.decoded) << row.scheme << row.text;
  }
}

TEST(SentencePiece, UsesTheUnknownTokenWithoutBytes) {
  json file = sentencepiece();
  file["model"]["byte_fallback"] = false;
  EXPECT_EQ(load(file)->encode("xylowx", Special::kNone), (Ids{259, 0, 267, 0}));
  file["model"]["fuse_unk"] = false;
  EXPECT_EQ(load(file)->encode("xylowx", Special::kNone), (Ids{259, 0, 0, 267, 0}));
  file["model"].erase("unk_token");
  const Tokenizers none = load(file);
  EXPECT_NE(error_of([&] { none->encode("x", Special::kNone); }).find("none for \"x\""),
            std::string::npos);

  // The reference puts an unknown token after the bytes of the characters that follow it.
  file = sentencepiece();
  file["model"]["vocab"].erase("<0x78>");
  EXPECT_EQ(load(file)->encode("x\u00e9w", Special::kNone), (Ids{259, 198, 172, 0, 262}));
}

TEST(SentencePiece, HonoursIgnoreMerges) {
  json file = sentencepiece();
  file["model"]["ignore_merges"] = true;
  file["model"]["vocab"]["\u2581lower"] = 274;
  const Tokenizers tokenizer = load(file);
  EXPECT_EQ(tokenizer->encode("lower", Special::kNone), (Ids{274}));
  EXPECT_EQ(tokenizer->encode("lower ", Special::kNone), (Ids{268, 269, 259}));
}

TEST(SentencePiece, KnowsTheBytesOfEveryId) {
  const Tokenizers tokenizer = load(sentencepiece());
  EXPECT_EQ(tokenizer->vocabulary_size(), 274);
  for (const auto& [id, bytes] : std::vector<std::pair<std::int64_t, std::string>>{
           {268, " low"}, {270, "  "}, {13, "\n"}, {258, "\xFF"}, {1, "<s>"}, {263, "e"}}) {
    EXPECT_EQ(tokenizer->token_bytes(id), bytes) << id;
  }
}

TEST(SentencePiece, NamesWhatItDoesNotUnderstand) {
  const json metaspace = {{"type", "Metaspace"}, {"replacement", "\u2581"}};
  const auto with = [&](const char* option, const json& value) {
    json result = metaspace;
    result[option] = value;
    return result;
  };
  const std::vector<std::tuple<const char*, json, const char*>> changes = {
      {"/normalizer/normalizers/1/pattern", {{"String", ""}}, "normalizers[1]: \"pattern\""},
      {"/normalizer/normalizers/0/type", "Precompiled", "unknown normalizer \"Precompiled\""},
      {"/pre_tokenizer", with("prepend_scheme", "last"), "always, first or never"},
      {"/pre_tokenizer", with("replacement", "ab"), "one character"},
      {"/decoder/decoders/3/content", "ab", "decoders[3]: \"content\""},
      {"/decoder/decoders/3/start", -1, "decoders[3]: \"start\""},
      {"/decoder/decoders/2/type", "CTC", "unknown decoder \"CTC\""},
      {"/decoder", nullptr, "unknown decoder \"null\""}};
  for (const auto& [place, value, named] : changes) {
    json file = sentencepiece();
    file[json::json_pointer(place)] = value;
    const std::string message = error_of([&] { load(file); });
    EXPECT_NE(message.find(named), std::string::npos) << place << " gives\n" << message;
  }
}

TEST(SentencePiece, TakesALongLine) {
  const Tokenizers tokenizer = load(sentencepiece());
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "low  low ";
  const Ids ids = tokenizer->encode(text.substr(0, text.size() - 1), Special::kNone);
  ASSERT_EQ(ids.size(), 600'000U);  // "low", " ", " low"; "low" begins with the space before it
  EXPECT_EQ(Ids(ids.begin() + 3, ids.begin() + 6), (Ids{268, 259, 268}));
  EXPECT_EQ(tokenizer->encode(std::string((1 << 18) - 1, ' '), Special::kNone), Ids(1 << 16, 271));
}

}  // namespace
}  // namespace pressroom::tokenizer_test::tokenizer_sentencepiece_test
