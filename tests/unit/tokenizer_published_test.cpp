// Whole tokenizer files with the ids and texts that the reference library gives for hard strings:
// one small file of each kind that published models use (tests/goldens/README.md), and the
// published files themselves where PRESSROOM_SHARED, or ../shared, has them.
#include <cstdlib>

#include "test_folders.h"
#include "tokenizer_test_support.h"

namespace pressroom::tokenizer_test::tokenizer_published_test {
namespace {

namespace fs = std::filesystem;

struct ReferenceFile {
  std::string name;
  fs::path tokenizer;
  fs::path figures;  // {"cases": {name: [{"text", "ids", "ids_with_special", "decoded"}]}}
};

// Those that exist, the repository's first.
std::vector<ReferenceFile> reference_files() {
  std::vector<ReferenceFile> files;
  const fs::path goldens = test_dir() / "goldens";
  for (const std::string kind : {"gpt2", "neox", "qwen", "pieces"}) {
    files.push_back({kind, goldens / ("tokenizer_" + kind + ".json"), goldens / "tokenizers.json"});
  }
  const char* variable = std::getenv("PRESSROOM_SHARED");
  const fs::path shared = variable != nullptr ? fs::path(variable) : test_dir() / "../../shared";
  for (const std::string name : {"gpt2", "neox", "mistral", "qwen3"}) {
    const fs::path file = shared / "data/tokenizers" / (name + ".json");
    if (fs::exists(file)) files.push_back({name, file, shared / "goldens/tokenizers.json"});
  }
  return files;
}

class ReferenceTokenizer : public ::testing::TestWithParam<ReferenceFile> {};

TEST_P(ReferenceTokenizer, AgreesOnIdsAndDecodedText) {
  std::ifstream figures(GetParam().figures);
  const json cases = json::parse(figures).at("cases").at(GetParam().name);
  const Tokenizers tokenizer = Tokenizer::load(GetParam().tokenizer);
  for (const json& c : cases) {
    const std::string text = c["text"];
    EXPECT_EQ(tokenizer->encode(text, Special::kNone), c["ids"].get<Ids>()) << text;
    EXPECT_EQ(tokenizer->encode(text, Special::kAdd), c["ids_with_special"].get<Ids>()) << text;
    EXPECT_EQ(tokenizer->decode(c["ids"].get<Ids>()), c["decoded"].get<std::string>());
  }
  EXPECT_GE(cases.size(), 26U);
}

INSTANTIATE_TEST_SUITE_P(Files, ReferenceTokenizer, ::testing::ValuesIn(reference_files()),
                         [](const auto& file) {
                           const bool is_published =
                               file.param.tokenizer.parent_path().filename() == "tokenizers";
                           return (is_published ? "published_" : "small_") + file.param.name;
                         });

// The same vocabulary as a GGUF file, with scores for merges, and as a tokenizer.json.
TEST(GgufVocabulary, GivesTheIdsOfItsTokenizerJson) {
  const fs::path goldens = test_dir() / "goldens";
  const Tokenizers gguf = Tokenizer::load(goldens / "tokenizer_pieces.gguf");
  std::ifstream figures(goldens / "tokenizers.json");
  const json cases = json::parse(figures).at("cases").at("pieces");
  for (const json& c : cases) {
    const std::string text = c["text"];
    EXPECT_EQ(gguf->encode(text, Special::kAdd), c["ids_with_special"].get<Ids>()) << text;
  }
}

}  // namespace
}  // namespace pressroom::tokenizer_test::tokenizer_published_test
