// Whole published files, with the ids and texts that the reference library gives.
#include <cstdlib>

#include "test_folders.h"
#include "tokenizer_test_support.h"

namespace pressroom::tokenizer_test {
namespace {

std::filesystem::path shared() {
  const char* variable = std::getenv("PRESSROOM_SHARED");
  if (variable != nullptr) return variable;
  return test_dir() / "../../shared";
}

class PublishedTokenizer : public ::testing::TestWithParam<const char*> {};

TEST_P(PublishedTokenizer, AgreesWithTheReference) {
  std::ifstream goldens(shared() / "goldens/tokenizers.json");
  const auto file = shared() / "data/tokenizers" / (std::string(GetParam()) + ".json");
  if (!goldens || !std::filesystem::exists(file)) {
    GTEST_SKIP() << "no goldens/tokenizers.json or " << file << "; see PRESSROOM_SHARED";
  }
  const json cases = json::parse(goldens).at("cases").at(GetParam());
  const Tokenizers tokenizer = Tokenizer::load(file);
  for (const json& c : cases) {
    const std::string text = c["text"];
    EXPECT_EQ(tokenizer->encode(text, Special::kNone), c["ids"].get<Ids>()) << text;
    EXPECT_EQ(tokenizer->encode(text, Special::kAdd), c["ids_with_special"].get<Ids>()) << text;
    EXPECT_EQ(tokenizer->decode(c["ids"].get<Ids>()), c["decoded"].get<std::string>());
  }
  EXPECT_EQ(cases.size(), 26U);
}

INSTANTIATE_TEST_SUITE_P(Files, PublishedTokenizer,
                         ::testing::Values("gpt2", "neox", "mistral", "qwen3"),
                         [](const auto& file) { return std::string(file.param); });

// The same vocabulary as a GGUF file, with scores for merges, and as a tokenizer.json.
TEST(PublishedTokenizer, GivesTheSameIdsFromGguf) {
  const auto folder = shared() / "data/stories260k";
  if (!std::filesystem::exists(folder)) {
    GTEST_SKIP() << "no " << folder << "; see PRESSROOM_SHARED";
  }
  const Tokenizers gguf = Tokenizer::load(folder / "stories260K.gguf");
  const Tokenizers reference = Tokenizer::load(folder / "hf/tokenizer.json");
  std::ifstream goldens(shared() / "goldens/tokenizers.json");
  const json all = json::parse(goldens);
  for (const json& c : all.at("cases").at("mistral")) {
    const std::string text = c["text"];
    EXPECT_EQ(gguf->encode(text, Special::kAdd), reference->encode(text, Special::kAdd)) << text;
  }
  EXPECT_EQ(gguf->encode("Once upon a time", Special::kAdd), (Ids{1, 403, 407, 261, 378}));
}

}  // namespace
}  // namespace pressroom::tokenizer_test
