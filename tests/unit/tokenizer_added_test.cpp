// Added tokens: the ids that the reference library gives, or a refusal.
#include "test_folders.h"
#include "tokenizer_tiny.h"

namespace pressroom::tokenizer_test::tokenizer_added_test {
namespace {

json added_token(const json& listed) {
  const std::string flags = listed[2];
  const auto has = [&flags](char flag) { return flags.find(flag) != std::string::npos; };
  return {{"id", listed[0]},        {"content", listed[1]},   {"lstrip", has('l')},
          {"rstrip", has('r')},     {"normalized", has('n')}, {"special", has('s')},
          {"single_word", has('w')}};
}

json file_of_case(const json& golden, const json& c) {
  json file = golden["bases"][c["base"].get<std::string>()];
  file["normalizer"] = c["normalizer"];
  for (const json& listed : c["added"]) file["added_tokens"].push_back(added_token(listed));
  return file;
}

// tests/goldens/README.md says where the figures come from.
TEST(AddedTokens, HaveTheIdsOfTheReferenceInGeneratedFiles) {
  std::ifstream file(test_dir() / "goldens/added_tokens.json");
  const json golden = json::parse(file);
  int taken = 0;
  for (const json& c : golden["cases"]) {
    const json contents = file_of_case(golden, c);
    if (c["ids"].is_null()) {
      EXPECT_NE(error_of([&] { load(contents); }), "") << c;
      continue;
    }
    ++taken;
    const Tokenizers tokenizer = load(contents);
    for (std::size_t i = 0; i < c["texts"].size(); ++i) {
      EXPECT_EQ(tokenizer->encode(c["texts"][i].get<std::string>(), Special::kNone),
                c["ids"][i].get<Ids>())
          << c;
    }
  }
  EXPECT_GT(taken, 150);
  EXPECT_EQ(golden["cases"].size(), 280U);
}

// The vocabulary has 269 tokens; the ids of the file count for nothing.
TEST(AddedTokens, AreNumberedOnFromTheVocabularyInTheOrderOfTheList) {
  json file = tiny();
  file["added_tokens"] = {added_token({900, "<b>", "s"}), added_token({5, "<a>", ""}),
                          added_token({900, "low", "s"}), added_token({1, "<b>", "s"}),
                          added_token({2, "<c>", "s"})};
  const Tokenizers tokenizer = load(file);
  EXPECT_EQ(tokenizer->encode("<a><b><c>low", Special::kNone), (Ids{270, 269, 271, 257}));
  EXPECT_EQ(tokenizer->vocabulary_size(), 272);
  EXPECT_EQ(tokenizer->base_vocabulary_size(), 269);
}

// The reference's decode gives a space for it, whichever way the id came about.
TEST(AddedTokens, OfTheVocabularyKeepTheBytesThatItSpells) {
  json file = tiny();
  file["added_tokens"] = {added_token({220, "\u0120", ""}), added_token({269, "\u00e9", ""})};
  const Tokenizers tokenizer = load(file);
  EXPECT_EQ(tokenizer->encode("12 \u0120", Special::kNone), (Ids{263, 220, 220}));
  EXPECT_EQ(tokenizer->decode({263, 220}), "12 ");
}

}  // namespace
}  // namespace pressroom::tokenizer_test::tokenizer_added_test
