// The decode engine on a real model against figures of an independent implementation
// (tests/goldens/README.md).
#include <cstdlib>

#include "stream_test_support.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::int64_t kBudget = 96;

fs::path shared_folder() {
  const char* given = std::getenv("PRESSROOM_SHARED");
  return given != nullptr ? fs::path(given) : fs::path(PRESSROOM_TEST_DIR) / "../../shared";
}

const fs::path& model_folder() {
  static const fs::path folder = shared_folder() / "data/stories260k/hf";
  return folder;
}

// Skips, saying so, where the model is not at hand.
#define REQUIRE_THE_MODEL()                                                             \
  if (!fs::exists(model_folder() / "model.safetensors")) {                              \
    GTEST_SKIP() << "needs the stories260k model in " << model_folder()                 \
                 << "; set PRESSROOM_SHARED to the folder that holds data/stories260k"; \
  }

Json golden_documents() {
  const fs::path file = fs::path(PRESSROOM_TEST_DIR) / "goldens/stories_stream.json";
  if (!fs::exists(file)) throw std::runtime_error(file.string() + " is missing");
  const Json golden = Json::parse(read_file(file));
  return golden.is_object() ? golden.at("documents") : golden;
}

std::unique_ptr<Method> golden_method(const std::string& name) {
  if (name == "streaming_llm") return plugin_method(name, {{"n_sink", std::int64_t{4}}});
  if (name == "h2o") {
    return plugin_method(name, {{"n_sink", std::int64_t{0}}, {"recent", tokens(48)}});
  }
  return plugin_method(name);
}

class StreamGolden : public testing::TestWithParam<const char*> {};

TEST_P(StreamGolden, AgreesOnEveryTargetAndKeptPosition) {
  REQUIRE_THE_MODEL();
  const auto model = Model::load(model_in(model_folder()));
  const auto method = golden_method(GetParam());
  const StreamSettings settings = settings_of(*method, kBudget, Positions::kOriginal);
  const Json documents = golden_documents();
  ASSERT_GE(documents.size(), 2U);
  for (std::size_t i = 0; i < documents.size(); ++i) {
    SCOPED_TRACE("document " + std::to_string(i));
    const Json& golden = documents[i].at("methods").at(GetParam());
    const DocumentRun run =
        run_one(*model, *method, settings, documents[i].at("ids").get<std::vector<std::int64_t>>());
    EXPECT_LE(largest_difference(run.nll_nats, golden.at("nll_nats").get<std::vector<double>>()),
              2e-4);
    if (golden.contains("kept_positions")) {
      EXPECT_EQ(Json(run.kept), golden.at("kept_positions"));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Methods, StreamGolden,
                         testing::Values("dense", "streaming_llm", "h2o", "knorm"),
                         [](const auto& name) { return std::string(name.param); });

// Documents of different lengths in one batch, which shrinks as they end, keep what each keeps
// alone: equal keys still tie to the bit.
TEST(StreamGoldenBatch, IsWhatEachDocumentIsAlone) {
  REQUIRE_THE_MODEL();
  const auto model = Model::load(model_in(model_folder()));
  TinyShape few_tokens;
  few_tokens.vocabulary = 30;
  std::vector<TokenDocument> batch;
  for (const std::int64_t length : {150, 120, 135, 110}) {
    const std::string id = "document " + std::to_string(batch.size());
    batch.push_back({id, random_ids(length, few_tokens, RandomKey(71).with(id))});
  }
  for (const char* name : {"h2o", "knorm"}) {
    const auto method = golden_method(name);
    const StreamSettings settings = settings_of(*method, kBudget);
    const auto together = decode_stream(*model, *method, settings, batch, RunControl());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto alone = decode_stream(*model, *method, settings, {batch[i]}, RunControl());
      EXPECT_EQ(together[i].nll_nats, alone[0].nll_nats) << name << ", document " << i;
      EXPECT_EQ(together[i].kept, alone[0].kept) << name << ", document " << i;
    }
  }
}

}  // namespace
}  // namespace pressroom
