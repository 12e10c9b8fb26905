// Greedy continuations token by token, against those of the reference library: dense of every model
// family, and under eviction (tests/goldens/README.md).
#include <algorithm>

#include "engine/sequence.h"
#include "golden_models.h"
#include "stream_test_support.h"

namespace pressroom::generation_golden_test {
namespace {

namespace fs = std::filesystem;
using Ids = std::vector<std::int64_t>;
using Json = nlohmann::json;

Json figures() { return Json::parse(read_file(test_dir() / "goldens" / "generation.json")); }

bool is_tiny(const std::string& model) {
  return fs::exists(test_dir() / "goldens" / "models" / model);
}

// "qwen2 dense", "starter h2o": the runs of models at hand.
std::vector<std::string> runs_at_hand() {
  const std::vector<std::string> real = golden_models();
  const Json golden = figures();
  std::vector<std::string> names;
  for (const Json& run : golden.at("runs")) {
    const std::string model = run.at("model");
    if (!is_tiny(model) && std::find(real.begin(), real.end(), model) == real.end()) continue;
    names.push_back(model + " " + run.at("method").get<std::string>());
  }
  return names;
}

std::unique_ptr<Method> golden_method(const std::string& name, const Json& golden) {
  if (name == "dense") return plugin_method(name);
  if (name == "streaming_llm") {
    return plugin_method(name, {{"n_sink", golden.at("n_sink").get<std::int64_t>()}});
  }
  return plugin_method(name,
                       {{"n_sink", std::int64_t{0}}, {"recent", tokens(golden.at("h2o_recent"))}});
}

// As many as `count` of what the model says after `prompt`, each fed in its turn.
Ids greedy(Sequence& sequence, const Ids& prompt, std::size_t count, std::int64_t vocabulary) {
  Ids said;
  const float* logits = sequence.prefill(prompt);
  while (true) {
    said.push_back(std::max_element(logits, logits + vocabulary) - logits);
    if (said.size() == count) return said;
    logits = sequence.feed(said.back());
  }
}

class GenerationGolden : public testing::TestWithParam<std::string> {};

TEST_P(GenerationGolden, SaysWhatTheReferenceSays) {
  const Json golden = figures();
  const auto is_this = [](const Json& run) {
    return run.at("model").get<std::string>() + " " + run.at("method").get<std::string>() ==
           GetParam();
  };
  const Json run = *std::find_if(golden.at("runs").begin(), golden.at("runs").end(), is_this);
  const std::string name = run.at("model");
  const auto model = Model::load(model_in(is_tiny(name) ? test_dir() / "goldens" / "models" / name
                                                        : golden_model_folder(name)));
  const auto prompt = run.at("prompt").get<Ids>();
  const auto expected = run.at("ids").get<Ids>();
  const auto length = static_cast<std::int64_t>(prompt.size() + expected.size());
  const std::int64_t budget = run.value("budget_tokens", length);
  const auto method = golden_method(run.at("method"), golden);
  RunSettings settings = settings_of(*method, budget, Positions::kOriginal);
  settings.protocol.continuation = Continuation::kHold;
  Sequence sequence(*model, *method, settings, "golden", length);

  const Ids said = greedy(sequence, prompt, expected.size(), model->facts().vocabulary);
  const auto differ = std::mismatch(said.begin(), said.end(), expected.begin());
  const auto same = static_cast<std::size_t>(differ.first - said.begin());
  EXPECT_EQ(same, expected.size()) << "token " << same << " differs, whose logit is ahead of the "
                                   << "next by " << run.at("margins").at(same);
  const std::int64_t heads = model->facts().layers * model->facts().kv_heads;
  EXPECT_EQ(sequence.sizes().entries, heads * std::min(budget, length - 1));
}

INSTANTIATE_TEST_SUITE_P(Runs, GenerationGolden, testing::ValuesIn(runs_at_hand()),
                         [](const auto& run) {
                           std::string name = run.param;
                           std::replace(name.begin(), name.end(), ' ', '_');
                           return name;
                         });

}  // namespace
}  // namespace pressroom::generation_golden_test
