#include "model/model.h"

#include <ATen/ATen.h>

#include <cmath>

#include "stream_test_support.h"

namespace pressroom {
namespace {

using Json = nlohmann::json;

// What loading a model with this config.json (and whole weights) throws.
Problem loading(const std::string& config) {
  const ScratchFolder folder;
  write_model(folder.path(), TinyShape(), random_weights(TinyShape(), RandomKey(1)));
  write_file(folder.path() / "config.json", config);
  Problem problem = problem_of([&] { Model::load(folder.path()); });
  EXPECT_TRUE(has(problem.where, (folder.path() / "config.json").string())) << problem.text();
  return problem;
}

TEST(ModelDescription, RefusesADirectoryWithoutAConfig) {
  const ScratchFolder folder;
  const Problem problem = problem_of([&] { read_description(folder.path()); });
  EXPECT_EQ(problem.where, (folder.path() / "config.json").string());
  EXPECT_EQ(problem.got, "no such file");
}

TEST(ModelDescription, RefusesWhatIsNoJsonObject) {
  for (const char* text : {"", "{", "{\"model_type\": }", "model_type: llama\n", "\xff"}) {
    EXPECT_EQ(loading(text).what, "config.json is not JSON") << text;
  }
  for (const char* text : {"[]", "7", "null", "\"llama\""}) {
    EXPECT_FALSE(loading(text).expected.empty()) << text;
  }
}

TEST(ModelDescription, RefusesSettingsItCannotRun) {
  struct Case {
    std::string key;
    Json value;
    std::string expected;
  };
  const Json linear = {{"type", "linear"}, {"factor", 2.0}};
  const Json llama3 = {{"rope_type", "llama3"}, {"rope_theta", 500000.0}};
  const std::vector<Case> cases = {
      {"model_type", "gpt2", "one of: llama"},
      {"model_type", 7, "one of: llama"},
      {"hidden_act", "gelu", "silu"},
      {"hidden_act", 7, "silu"},
      {"rope_scaling", linear, "rope_type default"},
      {"rope_scaling", {{"factor", 2.0}}, "rope_type default"},
      {"rope_scaling", 2, "rope_type default"},
      {"rope_scaling", "linear", "rope_type default"},
      {"rope_parameters", llama3, "rope_type default"},
      {"rope_parameters", {{"rope_type", 3}}, "rope_type default"},
      {"rope_parameters", {1, 2}, "rope_type default"},
      {"rope_theta", 0, "a number > 0"},
      {"rope_theta", -10000.0, "a number > 0"},
      {"rope_theta", "10000", "a number > 0"},
      {"rms_norm_eps", 0, "a number > 0"},
      {"rms_norm_eps", Json::array(), "a number > 0"},
      {"num_key_value_heads", 3, "a divisor of num_attention_heads"},
      {"num_key_value_heads", 8, "a divisor of num_attention_heads"},
      {"num_key_value_heads", 0, "a whole number >= 1"},
      {"num_hidden_layers", 0, "a whole number >= 1"},
      {"num_hidden_layers", -2, "a whole number >= 1"},
      {"num_hidden_layers", 2.0, "a whole number >= 1"},
      {"num_attention_heads", "4", "a whole number >= 1"},
      {"hidden_size", nullptr, "a whole number >= 1"},
      {"vocab_size", 18446744073709551615U, "a whole number >= 1"},
      {"head_dim", 3, "an even number"},
      {"attention_bias", 1, "true or false"},
      {"mlp_bias", "no", "true or false"},
      {"tie_word_embeddings", "true", "true or false"},
  };
  for (const Case& c : cases) {
    Json config = config_json(TinyShape());
    config[c.key] = c.value;
    SCOPED_TRACE(c.key + ": " + c.value.dump());
    const Problem problem = loading(config.dump());
    EXPECT_TRUE(has(problem.where, "config.json: " + c.key)) << problem.text();
    EXPECT_EQ(problem.expected, c.expected);
    EXPECT_EQ(problem.got, c.value.dump());
  }
}

TEST(ModelDescription, RefusesMissingSettings) {
  for (const char* key : {"model_type", "num_hidden_layers", "num_attention_heads", "hidden_size",
                          "vocab_size", "max_position_embeddings", "intermediate_size"}) {
    Json config = config_json(TinyShape());
    config.erase(key);
    const Problem problem = loading(config.dump());
    EXPECT_TRUE(has(problem.where, std::string("config.json: ") + key)) << problem.text();
    EXPECT_EQ(problem.got, "nothing") << key;
  }
}

// The defaults of the reference library's Llama configuration.
TEST(ModelDescription, FillsInDefaults) {
  Json config = config_json(TinyShape());
  for (const char* key : {"num_key_value_heads", "head_dim", "rms_norm_eps", "rope_theta",
                          "attention_bias", "mlp_bias", "tie_word_embeddings", "hidden_act"}) {
    config.erase(key);
  }
  config["rope_scaling"] = nullptr;
  const ScratchFolder folder;
  write_file(folder.path() / "config.json", config.dump());
  const ModelDescription model = read_description(folder.path());
  EXPECT_EQ(model.facts.kv_heads, 4);
  EXPECT_EQ(model.facts.head_dim, 4);
  EXPECT_EQ(model.norm_epsilon, 1e-6);
  EXPECT_EQ(model.rope_theta, 10000);
  EXPECT_FALSE(model.attention_bias || model.mlp_bias || model.tied_embeddings);
}

TEST(ModelDescription, ReadsRopeThetaInBothSpellings) {
  for (const bool nested : {false, true}) {
    TinyShape shape;
    shape.rope_theta = 500000;
    shape.rope_parameters = nested;
    const ScratchFolder folder;
    write_file(folder.path() / "config.json", config_json(shape).dump());
    EXPECT_EQ(read_description(folder.path()).rope_theta, 500000) << nested;
  }
}

TEST(ModelDescription, RefusesABadNestedRopeThetaAndShowsIt) {
  Json config = config_json(TinyShape());
  config["rope_parameters"] = {{"rope_type", "default"}, {"rope_theta", -3}};
  const Problem problem = loading(config.dump());
  EXPECT_TRUE(has(problem.where, "rope_theta")) << problem.text();
  EXPECT_TRUE(has(problem.got, "-3")) << problem.text();
}

TEST(Model, RefusesWeightsThatDoNotBelongToTheConfig) {
  struct Case {
    std::string key;
    Json value;
    std::string tensor, expected;
  };
  const std::vector<Case> cases = {
      {"vocab_size", 41, "model.embed_tokens.weight", "[41, 16]"},
      {"num_hidden_layers", 3, "", "\"model.layers.2.input_layernorm.weight\" [16]"},
      {"num_key_value_heads", 4, "model.layers.0.self_attn.k_proj.weight", "[16, 16]"},
      {"head_dim", 8, "model.layers.0.self_attn.q_proj.weight", "[32, 16]"},
      {"intermediate_size", 20, "model.layers.0.mlp.gate_proj.weight", "[20, 16]"},
      {"attention_bias", true, "", "\"model.layers.0.self_attn.q_proj.bias\" [16]"},
      {"mlp_bias", true, "", "\"model.layers.0.mlp.gate_proj.bias\" [24]"},
  };
  for (const Case& c : cases) {
    const ScratchFolder folder;
    write_model(folder.path(), TinyShape(), random_weights(TinyShape(), RandomKey(1)));
    Json config = config_json(TinyShape());
    config[c.key] = c.value;
    write_file(folder.path() / "config.json", config.dump());
    const Problem problem = problem_of([&] { Model::load(folder.path()); });
    EXPECT_TRUE(has(problem.where, (folder.path() / "model.safetensors").string()));
    EXPECT_TRUE(has(problem.where, c.tensor)) << problem.text();
    EXPECT_EQ(problem.expected, c.expected);
  }
}

TEST(Model, RefusesADirectoryWithoutWeights) {
  const ScratchFolder folder;
  write_file(folder.path() / "config.json", config_json(TinyShape()).dump());
  const Problem problem = problem_of([&] { Model::load(folder.path()); });
  EXPECT_EQ(problem.where, (folder.path() / "model.safetensors").string());
}

TEST(Model, CountsTheBytesOfItsWeightsOnceWhenEmbeddingsAreTied) {
  for (const bool tied : {false, true}) {
    TinyShape shape;
    shape.tied_embeddings = tied;
    const TinyModel tiny(shape, RandomKey(3));
    std::int64_t values = 0;
    for (const auto& weight : tiny.weights()) {
      values += static_cast<std::int64_t>(weight.second.values.size());
    }
    EXPECT_EQ(tiny.model().weight_bytes(), 4 * values);
  }
}

TEST(Model, IsFoundByDirectoryAlone) {
  const ScratchFolder folder;
  EXPECT_EQ(find_model(folder.path().string()), folder.path());
  write_file(folder.path() / "file", "x");
  const Problem file = problem_of([&] { find_model((folder.path() / "file").string()); });
  EXPECT_EQ(file.got, "a file, not a directory");
  const Problem nothing = problem_of([&] { find_model((folder.path() / "gone").string()); });
  EXPECT_EQ(nothing.where, (folder.path() / "gone").string());
  EXPECT_EQ(nothing.got, "no directory of that name");
}

// A model that can be run on paper. Queries are 0, so attention is a plain mean; W_V and W_O are
// the identity and the MLP is 0; token 0 is (1, 1), token 1 is (1, -1), both of which the norm
// leaves alone. The head reads ln 3 times the first channel for token 0 and 0 for token 1, so that
// nll(0) = ln(1 + 3^-c) and nll(1) = ln(1 + 3^c) with c the first channel after the final norm.
TEST(Model, AgreesWithAForwardPassOnPaper) {
  TinyShape shape;
  shape.layers = shape.query_heads = shape.kv_heads = 1;
  shape.head_dim = shape.hidden_size = shape.mlp_size = shape.vocabulary = 2;
  TinyWeights weights = random_weights(shape, RandomKey(1));
  const std::vector<float> zero = {0, 0, 0, 0};
  const std::vector<float> identity = {1, 0, 0, 1};
  const std::string layer = "model.layers.0.";
  for (auto& [name, tensor] : weights) {
    if (tensor.shape.size() == 1) tensor.values = {1, 1};
  }
  weights["model.embed_tokens.weight"].values = {1, 1, 1, -1};
  weights["lm_head.weight"].values = {std::log(3.0F), 0, 0, 0};
  weights[layer + "self_attn.q_proj.weight"].values = zero;
  weights[layer + "self_attn.v_proj.weight"].values = identity;
  weights[layer + "self_attn.o_proj.weight"].values = identity;
  weights[layer + "mlp.down_proj.weight"].values = zero;
  const TinyModel tiny(shape, weights);

  // Step 0 holds (1, 1), doubled: c = 1. Step 1: (1, -1) + mean{(1, 1), (1, -1)} = (2, -1).
  // Step 2: (1, 1) + mean of all three = (2, 4/3). Epsilon, 1e-5, moves c by less than 1e-5.
  const auto first_channel = [](double x, double y) { return x / std::sqrt((x * x + y * y) / 2); };
  const DocumentRun run = run_dense(tiny.model(), {0, 1, 0, 1});
  const std::vector<double> expected = {std::log1p(3),
                                        std::log1p(std::pow(3, -first_channel(2, -1))),
                                        std::log1p(std::pow(3, first_channel(2, 4.0 / 3)))};
  EXPECT_LE(largest_difference(run.nll_nats, expected), 1e-5);
  EXPECT_EQ(run.targets, (std::vector<std::int64_t>{1, 2, 3}));

  // A window of one: step 2 sees the token before it, (1, -1), and itself: (1, 1) + (1, 0) = (2,
  // 1).
  const auto window = plugin_method("streaming_llm", {{"n_sink", std::int64_t{0}}});
  const DocumentRun evicted = run_one(tiny.model(), *window, settings_of(*window, 1), {0, 1, 0, 1});
  EXPECT_NEAR(evicted.nll_nats[2], std::log1p(std::pow(3, first_channel(2, 1))), 1e-5);
}

struct NamedShape {
  std::string name;
  TinyShape shape;
};

std::vector<NamedShape> shapes() {
  std::vector<NamedShape> table(8);
  table[0].name = "grouped queries";
  table[1].name = "multi-head";
  table[1].shape.kv_heads = 4;
  table[2].name = "multi-query";
  table[2].shape.kv_heads = 1;
  table[3].name = "biases";
  table[3].shape.attention_bias = table[3].shape.mlp_bias = true;
  table[4].name = "tied embeddings, newer rope spelling";
  table[4].shape.tied_embeddings = table[4].shape.rope_parameters = true;
  table[5].name = "heads wider than the hidden size";
  table[5].shape.head_dim = 10;
  table[6].name = "one layer, one head, d = 2";
  table[6].shape.layers = table[6].shape.query_heads = table[6].shape.kv_heads = 1;
  table[6].shape.head_dim = 2;
  table[7].name = "three layers, six heads in groups of three, theta 100";
  table[7].shape.layers = 3;
  table[7].shape.query_heads = 6;
  table[7].shape.rope_theta = 100;
  return table;
}

TEST(Model, AgreesWithAnIndependentForwardPass) {
  for (const auto& [name, shape] : shapes()) {
    SCOPED_TRACE(name);
    const TinyModel tiny(shape, RandomKey(17).with(name));
    const std::vector<std::int64_t> ids = random_ids(40, shape, RandomKey(23).with(name));
    const ReferenceRun reference = reference_run(shape, tiny.weights(), ids, keep_all(), false);
    const DocumentRun run = run_dense(tiny.model(), ids);
    EXPECT_LE(largest_difference(run.nll_nats, reference.nll_nats), 1e-5);
    EXPECT_EQ(run.kept, reference.kept);
  }
}

// Weights that all three dtypes hold exactly make the same model.
TEST(Model, IsTheSameInEveryDtype) {
  TinyShape shape;
  shape.attention_bias = true;
  const TinyWeights weights = random_weights(shape, RandomKey(29));
  const std::vector<std::int64_t> ids = random_ids(20, shape, RandomKey(31));
  const DocumentRun expected = run_dense(TinyModel(shape, weights).model(), ids);
  for (const char* dtype : {"F16", "BF16"}) {
    shape.dtype = dtype;
    EXPECT_EQ(run_dense(TinyModel(shape, weights).model(), ids).nll_nats, expected.nll_nats)
        << dtype;
  }
}

}  // namespace
}  // namespace pressroom
