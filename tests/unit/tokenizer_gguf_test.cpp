// The vocabularies of GGUF files, on small ones worked out by hand.
#include <cmath>

#include "gguf_builder.h"
#include "tokenizer_sentencepiece.h"
#include "tokenizer_test_support.h"

namespace pressroom::tokenizer_test::tokenizer_gguf_test {
namespace {

template <class Number>
std::string array(std::uint32_t type, const std::vector<Number>& values) {
  std::string bytes = little_endian(type) + little_endian<std::uint64_t>(values.size());
  for (const Number value : values) bytes += little_endian(value);
  return bytes;
}

std::string texts(const std::vector<std::string>& values) {
  std::string bytes = little_endian<std::uint32_t>(8) + little_endian<std::uint64_t>(values.size());
  for (const std::string& value : values) bytes += gguf_text(value);
  return bytes;
}

constexpr std::uint32_t kInt32 = 5, kFloat32 = 6, kBool = 7, kArray = 9;

Tokenizers load_gguf(const GgufBuilder& gguf, const char* extension = ".gguf") {
  return load_text(gguf.bytes(), extension);
}

// The scores make the merges of sentencepiece(), in the same order.
GgufBuilder llama_kind() {
  const std::vector<std::string> tokens = sentencepiece_tokens();
  std::vector<std::int32_t> types(tokens.size(), 1);
  std::vector<float> scores(tokens.size(), 0);
  for (std::size_t id = 0; id < tokens.size(); ++id) {
    if (id < 259) types[id] = id == 0 ? 2 : (id < 3 ? 3 : 6);
    if (id >= 266) scores[id] = -static_cast<float>(id);
  }
  GgufBuilder gguf;
  gguf.text("tokenizer.ggml.model", "llama");
  gguf.pair("tokenizer.ggml.tokens", kArray, texts(tokens));
  gguf.pair("tokenizer.ggml.scores", kArray, array(kFloat32, scores));
  gguf.pair("tokenizer.ggml.token_type", kArray, array(kInt32, types));
  gguf.whole("tokenizer.ggml.bos_token_id", 1).whole("tokenizer.ggml.eos_token_id", 2);
  return gguf.whole("tokenizer.ggml.unknown_token_id", 0);
}

// The bytes, then "ab" 256, "12" 257, "123" 258, "<s>" 259 and "xyz" 260, which no merge makes.
GgufBuilder gpt2_kind(const std::string& pre,
                      const std::vector<std::string>& merges = {"a b", "1 2", "12 3"}) {
  std::vector<std::string> tokens(256);
  const json bytes = alphabet();
  for (const auto& [token, id] : bytes.items()) tokens[id.get<std::size_t>()] = token;
  for (const char* token : {"ab", "12", "123", "<s>", "xyz"}) tokens.push_back(token);
  std::vector<std::int32_t> types(tokens.size(), 1);
  types[259] = 3;
  GgufBuilder gguf;
  gguf.text("tokenizer.ggml.model", "gpt2");
  if (!pre.empty()) gguf.text("tokenizer.ggml.pre", pre);
  gguf.pair("tokenizer.ggml.tokens", kArray, texts(tokens));
  gguf.pair("tokenizer.ggml.token_type", kArray, array(kInt32, types));
  gguf.pair("tokenizer.ggml.merges", kArray, texts(merges));
  return gguf.whole("tokenizer.ggml.bos_token_id", 259);
}

TEST(GgufTokenizer, MergesByScore) {
  for (const char* extension : {".gguf", ".bin"}) {  // by its name, or by how it begins
    const Tokenizers tokenizer = load_gguf(llama_kind(), extension);
    expect_cases(*tokenizer, {{"low", {268}},
                              {"lower  low", {268, 269, 259, 268}},
                              {"   ", {271}},
                              {"x\n", {259, 123, 13}},
                              {"low\xFF", {268, 258}}});
    EXPECT_EQ(tokenizer->encode("low</s>low", Special::kAdd), (Ids{1, 268, 2, 268}));
    EXPECT_EQ(tokenizer->token_bytes(268), " low");
  }
}

// "ab" and "ba" have one score, so their place decides; ranked merges would put one of them first
// wherever it is.
TEST(GgufTokenizer, TakesTheLeftmostOfEqualScores) {
  GgufBuilder gguf;
  gguf.text("tokenizer.ggml.model", "llama");
  gguf.pair("tokenizer.ggml.tokens", kArray, texts({"a", "b", "ab", "ba", "aba"}));
  gguf.pair("tokenizer.ggml.scores", kArray, array<float>(kFloat32, {0, 0, -1, -1, -2}));
  gguf.pair("tokenizer.ggml.add_space_prefix", kBool, std::string(1, '\0'));
  gguf.pair("tokenizer.ggml.add_bos_token", kBool, std::string(1, '\0'));
  const Tokenizers tokenizer = load_gguf(gguf);
  expect_cases(*tokenizer, {{"aba", {4}}, {"bab", {3, 1}}, {"abab", {2, 2}}, {"baba", {3, 3}}});
  EXPECT_EQ(tokenizer->encode("ab", Special::kAdd), (Ids{2}));
}

TEST(GgufTokenizer, SplitsByTheNamedPattern) {
  struct Row {
    const char* pre;
    Ids ids;  // of "3123"
  };
  const std::vector<Row> rows = {{"gpt-2", {18, 258}},
                                 {"default", {18, 257, 18}},
                                 {"smollm", {18, 16, 17, 18}},
                                 {"qwen2", {18, 16, 17, 18}},
                                 {"llama-bpe", {18, 257, 18}}};
  for (const Row& row : rows) {
    const Tokenizers tokenizer = load_gguf(gpt2_kind(row.pre));
    EXPECT_EQ(tokenizer->encode("3123", Special::kNone), row.ids) << row.pre;
    EXPECT_EQ(tokenizer->encode("ab<s>", Special::kNone), (Ids{256, 259})) << row.pre;
    EXPECT_EQ(tokenizer->decode({256, 259, 220}), "ab<s> ") << row.pre;
    const bool bos = std::string(row.pre) == "llama-bpe";
    EXPECT_EQ(tokenizer->encode("", Special::kAdd), (bos ? Ids{259} : Ids{})) << row.pre;
  }
}

// No merge makes "xyz".
TEST(GgufTokenizer, TakesAWordThatIsATokenForLlama3Only) {
  EXPECT_EQ(load_gguf(gpt2_kind("llama-bpe"))->encode("xyz", Special::kNone), (Ids{260}));
  EXPECT_EQ(load_gguf(gpt2_kind("qwen2"))->encode("xyz", Special::kNone), (Ids{87, 88, 89}));
}

TEST(GgufTokenizer, AddsWhatTheFileSays) {
  GgufBuilder gguf = gpt2_kind("gpt-2");
  gguf.pair("tokenizer.ggml.add_bos_token", kBool, std::string(1, '\1'));
  gguf.pair("tokenizer.ggml.add_eos_token", kBool, std::string(1, '\1'));
  gguf.whole("tokenizer.ggml.eos_token_id", 260);
  EXPECT_EQ(load_gguf(gguf)->encode("ab", Special::kAdd), (Ids{259, 256, 260}));
}

// Which pattern it was cannot be told from the vocabulary, and each gives other ids.
TEST(GgufTokenizer, RefusesAByteLevelVocabularyWithoutAPattern) {
  const std::string message = error_of([] { load_gguf(gpt2_kind("")); });
  EXPECT_NE(message.find("how a text is split into words"), std::string::npos) << message;
  EXPECT_NE(message.find("tokenizer.ggml.pre"), std::string::npos) << message;
  EXPECT_NE(message.find("pressroom score --ids"), std::string::npos) << message;
  EXPECT_EQ(llama_kind().bytes().find("tokenizer.ggml.pre"), std::string::npos);
  EXPECT_NO_THROW(load_gguf(llama_kind()));
}

// The tokenizer.json of Qwen 2 and 3 has NFC, and its GGUF files cannot say so. "\u00e9" is C3 A9.
TEST(GgufTokenizer, ComposesCharactersAsQwenDoes) {
  EXPECT_EQ(load_gguf(gpt2_kind("qwen2"))->encode("e\u0301", Special::kNone), (Ids{127, 102}));
  EXPECT_EQ(load_gguf(gpt2_kind("deepseek-r1-qwen"))->encode("e\u0301", Special::kNone),
            (Ids{68, 136, 223}));
}

// The head of a merges.txt among the merges is none, and the ranks of the others stay.
TEST(GgufTokenizer, PassesOverTheHeadOfAMergesFile) {
  const GgufBuilder gguf = gpt2_kind("gpt-2", {"#version: 0.2", "a b", "1 2", "12 3"});
  EXPECT_EQ(load_gguf(gguf)->encode("ab3123", Special::kNone), (Ids{256, 18, 258}));
}

TEST(GgufTokenizer, NamesWhatItDoesNotUnderstand) {
  const auto message = [](const GgufBuilder& gguf) { return error_of([&] { load_gguf(gguf); }); };
  EXPECT_NE(message(gpt2_kind("tekken")).find("tokenizer.ggml.pre \"tekken\""), std::string::npos);
  EXPECT_NE(message(gpt2_kind("tekken")).find("llama-bpe"), std::string::npos);
  GgufBuilder other;
  other.text("tokenizer.ggml.model", "bert");
  EXPECT_NE(message(other).find("gpt2, llama"), std::string::npos);
  EXPECT_NE(message(GgufBuilder().text("general.name", "x")).find("tokenizer.ggml.model"),
            std::string::npos);
  GgufBuilder few;
  few.text("tokenizer.ggml.model", "llama");
  few.pair("tokenizer.ggml.tokens", kArray, texts({"a", "b"}));
  few.pair("tokenizer.ggml.scores", kArray, array<float>(kFloat32, {0}));
  EXPECT_NE(message(few).find("one for each of the 2 tokens"), std::string::npos);
  GgufBuilder unordered;
  unordered.text("tokenizer.ggml.model", "llama");
  unordered.pair("tokenizer.ggml.tokens", kArray, texts({"a", "b"}));
  unordered.pair("tokenizer.ggml.scores", kArray, array<float>(kFloat32, {0, std::nanf("")}));
  EXPECT_NE(message(unordered).find("a score is not a number"), std::string::npos);
  GgufBuilder outside = gpt2_kind("gpt-2");
  outside.pair("tokenizer.ggml.add_eos_token", kBool, std::string(1, '\1'));
  outside.whole("tokenizer.ggml.eos_token_id", 261);
  EXPECT_NE(message(outside).find("an id below 261"), std::string::npos);
  EXPECT_NE(error_of([] { load_text("GGUF"); }), "");
}

}  // namespace
}  // namespace pressroom::tokenizer_test::tokenizer_gguf_test
