// Presses of kvpress on both engines: a prompt of 320 tokens, one compression, 95 targets
// (tests/goldens/README.md).
#include <algorithm>
#include <fstream>

#include "admission/bind_method.h"
#include "config/config.h"
#include "config/plugin_use.h"
#include "golden_models.h"
#include "stream_test_support.h"

namespace pressroom::presses_golden_test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::int64_t kPrompt = 320;
constexpr std::int64_t kAll = 0;  // no budget: the method's own threshold decides

struct Press {
  const char* name;    // in the golden file
  const char* method;  // LINEAR and MLP stand for a scorer under a threshold (scored_by)
  std::int64_t budget_tokens;
};

constexpr Press kPresses[] = {
    {"dense", "dense", kAll},
    {"streaming_llm_r0.75", "{name: streaming_llm, n_sink: 4}", 80},
    {"expected_attention_r0.5", "expected_attention", 160},
    {"expected_attention_r0.75_nf64_nocov",
     "{name: expected_attention, n_future_positions: 64, use_covariance: false}", 80},
    {"observed_attention_r0.5", "observed_attention", 160},
    {"snapkv_r0.5_w32", "{name: snapkv, window_size: 32, kernel_size: 5}", 160},
    {"tova_r0.5", "tova", 160},
    {"keydiff_r0.5", "keydiff", 160},
    {"lagkv_r0.5_lag32", "{name: lagkv, n_sink: 4, lag_size: 32}", 160},
    {"pyramidkv_r0.5_w32",
     "{name: pyramidkv, window_size: 32, beta: 10, inner: {name: snapkv, window_size: 32, "
     "kernel_size: 5}}",
     160},
    {"adakv_expected_r0.5", "{name: adakv, alpha_safeguard: 0.2, inner: expected_attention}", 160},
    {"criticalkv_expected_r0.5", "{name: criticalkv, inner: expected_attention}", 160},
    {"chunkkv_snapkv_r0.5_len16",
     "{name: chunkkv, chunk_length: 16, inner: {name: snapkv, window_size: 32, kernel_size: 5}}",
     160},
    {"rerotate_streaming_r0.75", "{name: rerotate, inner: {name: streaming_llm, n_sink: 4}}", 80},
    {"kvzap_linear_dms", "LINEAR", kAll},
    {"kvzap_mlp_dms", "MLP", kAll},
};

// kvzap under a threshold: the starter's own scorers, or those made for the stories figures.
std::string scored_by(const std::string& model, const std::string& kind) {
  const bool linear = kind == "LINEAR";
  if (model == "starter") {
    return std::string("{name: dms, threshold: ") + (linear ? "-4.6" : "-4.4") +
           ", window: 16, inner: {name: kvzap, model_type: " + (linear ? "linear" : "mlp") + "}}";
  }
  const fs::path weights =
      test_dir() / "goldens" / (linear ? "kvzap_linear.safetensors" : "kvzap_mlp.safetensors");
  return std::string("{name: dms, threshold: ") + (linear ? "-1.19" : "-0.342") +
         ", window: 16, inner: {name: kvzap, weights: " + weights.string() + "}}";
}

// Positions of the prompt alone, as the golden has them; "all" where a layer holds everything.
Json kept_of_prompt(const DocumentRun& run) {
  Json layers = Json::array();
  for (const auto& layer : run.kept) {
    Json heads = Json::array();
    bool holds_all = true;
    for (const auto& head : layer) {
      const auto end = std::lower_bound(head.begin(), head.end(), kPrompt);
      heads.push_back(std::vector<std::int64_t>(head.begin(), end));
      holds_all = holds_all && end - head.begin() == kPrompt;
    }
    layers.push_back(holds_all ? Json("all") : heads);
  }
  return layers;
}

class PressesGolden : public testing::TestWithParam<std::tuple<std::string, Press>> {};

TEST_P(PressesGolden, AgreesOnEveryTargetAndKeptPositionInBothEngines) {
  const auto& [model_name, press] = GetParam();
  PluginHost host({plugin_dir()});
  std::string yaml = press.method;
  if (yaml == "LINEAR" || yaml == "MLP") yaml = scored_by(model_name, yaml);
  const auto method =
      make_configured_method(parse_plugin_use(yaml, PluginKind::kMethod, "the test", host), host);
  const ModelFiles files = model_in(golden_model_folder(model_name));
  const auto model = Model::load(files);
  bind_method(*method, press.name, files, model->facts());

  const std::int64_t budget = press.budget_tokens == kAll ? kPrompt + 96 : press.budget_tokens;
  RunSettings settings = settings_of(*method, budget);
  if (!has(yaml, "rerotate")) settings.positions = Positions::kOriginal;
  settings.protocol = parse_protocol("{kind: prefill, prefill_tokens: 320}", "the test");
  const Json golden = Json::parse(read_file(golden_file_of(model_name, "presses"))).at("presses");
  ASSERT_EQ(golden.size(), 2U);
  for (const Json& document : golden) {
    const Json& figures = document.at("results").at(press.name);
    const TokenDocument tokens = {"document", document.at("ids").get<std::vector<std::int64_t>>()};
    for (const Engine engine : {Engine::kReplay, Engine::kDecode}) {
      const DocumentRun run =
          run_documents(engine, *model, *method, settings, {tokens}, RunControl()).front();
      EXPECT_LE(largest_difference(run.nll_nats, figures.at("nll_nats").get<std::vector<double>>()),
                3e-4)
          << to_string(engine);
      // Re-rotated caches keep what the inner press keeps; the golden does not repeat it.
      const bool is_listed = figures.contains("kept_positions") && !figures.contains("positions");
      if (is_listed) {
        EXPECT_EQ(kept_of_prompt(run), figures.at("kept_positions"));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Presses, PressesGolden,
                         testing::Combine(testing::ValuesIn(golden_models()),
                                          testing::ValuesIn(kPresses)),
                         [](const auto& run) {
                           std::string name =
                               std::get<0>(run.param) + "_" + std::get<1>(run.param).name;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

}  // namespace
}  // namespace pressroom::presses_golden_test
