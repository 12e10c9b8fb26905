// Both engines on a real model against figures of an independent implementation
// (tests/goldens/README.md).
#include <algorithm>

#include "config/config.h"
#include "golden_models.h"
#include "stream_test_support.h"

namespace pressroom::stream_golden_test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::int64_t kBudget = 96;

std::shared_ptr<const Model> golden_model(const std::string& name) {
  return Model::load(model_in(golden_model_folder(name)));
}

// "starter_h2o", "starter_chunked16_knorm": the name of a test of one run on one model.
std::string test_name(const std::string& model, const std::string& run) {
  std::string name = model + "_" + run;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

std::unique_ptr<Method> golden_method(const std::string& name) {
  if (name == "streaming_llm") return plugin_method(name, {{"n_sink", std::int64_t{4}}});
  if (name == "h2o") {
    return plugin_method(name, {{"n_sink", std::int64_t{0}}, {"recent", tokens(48)}});
  }
  return plugin_method(name);
}

class StreamGolden : public testing::TestWithParam<std::tuple<std::string, const char*>> {};

TEST_P(StreamGolden, AgreesOnEveryTargetAndKeptPosition) {
  const auto& [model_name, method_name] = GetParam();
  const auto model = golden_model(model_name);
  const auto method = golden_method(method_name);
  const RunSettings settings = settings_of(*method, kBudget, Positions::kOriginal);
  const Json documents =
      Json::parse(read_file(golden_file_of(model_name, "stream"))).at("documents");
  ASSERT_EQ(documents.size(), 2U);
  for (std::size_t i = 0; i < documents.size(); ++i) {
    SCOPED_TRACE("document " + std::to_string(i));
    const Json& golden = documents[i].at("methods").at(method_name);
    const DocumentRun run =
        run_one(*model, *method, settings, documents[i].at("ids").get<std::vector<std::int64_t>>());
    const auto difference_to = [&](const char* name) {
      return largest_difference(run.nll_nats, golden.at(name).get<std::vector<double>>());
    };
    double difference = difference_to("nll_nats");
    const char* kept = "kept_positions";
    // The other side of a near-tie that rounding decides (tests/goldens/README.md).
    if (golden.contains("or_nll_nats") && difference_to("or_nll_nats") < difference) {
      difference = difference_to("or_nll_nats");
      kept = "or_kept_positions";
    }
    EXPECT_LE(difference, 2e-4);
    if (golden.contains(kept)) {
      EXPECT_EQ(Json(run.kept), golden.at(kept));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Methods, StreamGolden,
    testing::Combine(testing::ValuesIn(golden_models()),
                     testing::Values("dense", "streaming_llm", "h2o", "knorm")),
    [](const auto& run) { return test_name(std::get<0>(run.param), std::get<1>(run.param)); });

// A run of the chunked and prefill goldens: "chunked16_h2o", "prefill_knorm_0.5",
// "stream_h2o_cache_index".
struct GoldenRun {
  const char* file;
  const char* name;
  const char* method;
  const char* protocol;
  std::int64_t budget_tokens;
  Positions positions = Positions::kOriginal;
};

constexpr GoldenRun kGoldenRuns[] = {
    {"chunked", "stream_streaming_llm_cache_index", "streaming_llm", "stream", 96,
     Positions::kCacheIndex},
    {"chunked", "stream_h2o_cache_index", "h2o", "stream", 96, Positions::kCacheIndex},
    {"chunked", "chunked16_streaming_llm", "streaming_llm", "{kind: chunked, chunk_size: 16}", 96},
    {"chunked", "chunked16_h2o", "h2o", "{kind: chunked, chunk_size: 16}", 96},
    {"chunked", "chunked16_knorm", "knorm", "{kind: chunked, chunk_size: 16}", 96},
    {"chunked", "chunked50_h2o", "h2o", "{kind: chunked, chunk_size: 50}", 96},
    {"chunked", "chunked16_streaming_llm_cache_index", "streaming_llm",
     "{kind: chunked, chunk_size: 16}", 96, Positions::kCacheIndex},
    {"prefill", "prefill_dense", "dense", "{kind: prefill, prefill_tokens: 320}", 320},
    {"prefill", "prefill_knorm_0.5", "knorm", "{kind: prefill, prefill_tokens: 320}", 160},
    {"prefill", "prefill_knorm_0.9", "knorm", "{kind: prefill, prefill_tokens: 320}", 31},
    {"prefill", "prefill_streaming_llm_0.75", "streaming_llm",
     "{kind: prefill, prefill_tokens: 320}", 80},
};

// The starter's figures of both protocols are in one file.
std::string figures_of(const std::string& model, const GoldenRun& run) {
  return model == "starter" ? "chunked" : run.file;
}

class ProtocolGolden : public testing::TestWithParam<std::tuple<std::string, GoldenRun>> {};

TEST_P(ProtocolGolden, AgreesOnEveryTargetAndKeptPositionInBothEngines) {
  const auto& [model_name, golden_run] = GetParam();
  const auto model = golden_model(model_name);
  const auto method = golden_method(golden_run.method);
  RunSettings settings = settings_of(*method, golden_run.budget_tokens, golden_run.positions);
  settings.protocol = parse_protocol(golden_run.protocol, "test");
  const Json golden =
      Json::parse(read_file(golden_file_of(model_name, figures_of(model_name, golden_run))));
  ASSERT_EQ(golden.at("documents").size(), 2U);
  for (const Json& document : golden.at("documents")) {
    const Json& figures = document.at("runs").at(golden_run.name);
    const TokenDocument tokens = {"document", document.at("ids").get<std::vector<std::int64_t>>()};
    for (const Engine engine : {Engine::kReplay, Engine::kDecode}) {
      DocumentRun run =
          run_documents(engine, *model, *method, settings, {tokens}, RunControl()).front();
      const auto difference_to = [&](const char* name) {
        return largest_difference(run.nll_nats, figures.at(name).get<std::vector<double>>());
      };
      double difference = difference_to("nll_nats");
      // The other side of a near-tie that rounding decides (tests/goldens/README.md).
      if (figures.contains("or_nll_nats")) {
        difference = std::min(difference, difference_to("or_nll_nats"));
      }
      EXPECT_LE(difference, 2e-4) << to_string(engine);
      // The prefill figures are of the prompt alone.
      const std::int64_t prompt = settings.protocol.prefill_tokens;
      for (auto& layer : run.kept) {
        for (auto& head : layer) {
          if (prompt > 0)
            head.erase(std::lower_bound(head.begin(), head.end(), prompt), head.end());
        }
      }
      if (figures.contains("kept_positions")) {
        EXPECT_EQ(Json(run.kept), figures.at("kept_positions")) << to_string(engine);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Runs, ProtocolGolden,
                         testing::Combine(testing::ValuesIn(golden_models()),
                                          testing::ValuesIn(kGoldenRuns)),
                         [](const auto& run) {
                           return test_name(std::get<0>(run.param), std::get<1>(run.param).name);
                         });

// Documents of different lengths in one batch, which shrinks as they end, keep what each keeps
// alone: equal keys still tie to the bit.
TEST(StreamGoldenBatch, IsWhatEachDocumentIsAlone) {
  const auto model = golden_model("starter");
  TinyShape few_tokens;
  few_tokens.vocabulary = 30;
  std::vector<TokenDocument> batch;
  for (const std::int64_t length : {150, 120, 135, 110}) {
    const std::string id = "document " + std::to_string(batch.size());
    batch.push_back({id, random_ids(length, few_tokens, RandomKey(71).with(id))});
  }
  for (const char* name : {"h2o", "knorm"}) {
    const auto method = golden_method(name);
    const RunSettings settings = settings_of(*method, kBudget);
    const auto together = decode_documents(*model, *method, settings, batch, RunControl());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto alone = decode_documents(*model, *method, settings, {batch[i]}, RunControl());
      EXPECT_EQ(together[i].nll_nats, alone[0].nll_nats) << name << ", document " << i;
      EXPECT_EQ(together[i].kept, alone[0].kept) << name << ", document " << i;
    }
  }
}

}  // namespace
}  // namespace pressroom::stream_golden_test
