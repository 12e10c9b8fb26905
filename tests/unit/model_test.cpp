#include "model/model.h"

#include <ATen/ATen.h>

#include <cmath>

#include "stream_test_support.h"

namespace pressroom::model_test {
namespace {

using Json = nlohmann::json;

// What loading a model with this config.json (and whole weights) throws.
Problem loading(const std::string& config) {
  const ScratchFolder folder;
  write_model(folder.path(), TinyShape(), random_weights(TinyShape(), RandomKey(1)));
  write_file(folder.path() / "config.json", config);
  Problem problem = problem_of([&] { Model::load(model_in(folder.path())); });
  EXPECT_TRUE(has(problem.where, (folder.path() / "config.json").string())) << problem.text();
  return problem;
}

TEST(ModelDescription, RefusesADirectoryWithoutAConfig) {
  const ScratchFolder folder;
  write_file(folder.path() / "model.safetensors", "weights");
  const Problem problem = problem_of([&] { read_description(model_in(folder.path())); });
  EXPECT_EQ(problem.where, (folder.path() / "config.json").string());
  EXPECT_EQ(problem.got, "no such file");
}

TEST(ModelDescription, RefusesWhatIsNoJsonObject) {
  for (const char* text : {"{", "{\"model_type\": }", "model_type: llama\n", "\xff"}) {
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
  const Json yarn = {{"rope_type", "yarn"}, {"factor", 4.0}};
  const std::vector<Case> cases = {
      {"model_type", "gpt2", "one of: gpt_neox, llama, mistral, qwen2, qwen3"},
      {"model_type", 7, "one of: gpt_neox, llama, mistral, qwen2, qwen3"},
      {"hidden_act", "relu", "silu, gelu, gelu_new or gelu_pytorch_tanh"},
      {"hidden_act", 7, "silu, gelu, gelu_new or gelu_pytorch_tanh"},
      {"rope_scaling", yarn, "rope_type default, linear or llama3"},
      {"rope_scaling", {{"type", "dynamic"}}, "rope_type default, linear or llama3"},
      {"rope_scaling", {{"factor", 2.0}}, "rope_type default, linear or llama3"},
      {"rope_scaling", 2, "a JSON object"},
      {"rope_scaling", "linear", "a JSON object"},
      {"rope_parameters", yarn, "rope_type default, linear or llama3"},
      {"rope_parameters", {{"rope_type", 3}}, "rope_type default, linear or llama3"},
      {"rope_parameters", {1, 2}, "a JSON object"},
      {"rope_theta", 0, "a number > 0"},
      {"rope_theta", -10000.0, "a number > 0"},
      {"rope_theta", "10000", "a number > 0"},
      {"rms_norm_eps", 0, "a number > 0"},
      {"rms_norm_eps", Json::array(), "a number > 0"},
      {"num_key_value_heads", 3, "a divisor of num_attention_heads"},
      {"num_key_value_heads", 8, "a divisor of num_attention_heads"},
      {"num_key_value_heads", 0, "a whole number from 1 to 16777216"},
      {"num_hidden_layers", 0, "a whole number from 1 to 16777216"},
      {"num_hidden_layers", -2, "a whole number from 1 to 16777216"},
      {"num_hidden_layers", 2.0, "a whole number from 1 to 16777216"},
      {"num_attention_heads", "4", "a whole number from 1 to 16777216"},
      {"hidden_size", nullptr, "a whole number from 1 to 16777216"},
      {"vocab_size", 18446744073709551615U, "a whole number from 1 to 16777216"},
      {"head_dim", 3, "an even number of rotated channels, from 2 to head_dim"},
      {"head_dim", std::int64_t{1} << 40, "a whole number from 1 to 16777216"},
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
  const ModelDescription model = describe(config, "config.json");
  EXPECT_EQ(model.facts.kv_heads, 4);
  EXPECT_EQ(model.facts.head_dim, 4);
  EXPECT_EQ(model.norm_epsilon, 1e-6);
  EXPECT_EQ(model.rope_frequencies, (std::vector<float>{1, 1.0F / std::sqrt(10000.0F)}));
  EXPECT_FALSE(model.qkv_bias || model.output_bias || model.mlp_bias || model.tied_embeddings);
}

TEST(ModelDescription, ReadsRopeThetaInBothSpellings) {
  for (const bool nested : {false, true}) {
    TinyShape shape;
    shape.rope_theta = 250000;
    shape.rope_parameters = nested;
    const ModelDescription model = describe(config_json(shape), "config.json");
    EXPECT_EQ(model.rope_frequencies, (std::vector<float>{1, 1.0F / 500})) << nested;
  }
}

// From the published formulas, by hand: wavelengths 2 pi theta^(2i/d) against the original context.
TEST(ModelDescription, ScalesRotaryFrequencies) {
  TinyShape shape;
  shape.head_dim = 8;
  shape.rope_theta = 10000;  // frequencies 1, 0.1, 0.01, 0.001; wavelengths 6.3, 63, 628, 6283
  struct Case {
    Json scaling;
    std::vector<double> expected;
  };
  const double smooth = (256 / (2 * M_PI * 10) - 1) / (8 - 1);  // between 256 / 8 and 256 / 1
  const Json llama3 = {{"rope_type", "llama3"},
                       {"factor", 4.0},
                       {"low_freq_factor", 1.0},
                       {"high_freq_factor", 8.0},
                       {"original_max_position_embeddings", 256}};
  const std::vector<Case> cases = {
      {{{"rope_type", "default"}}, {1, 0.1, 0.01, 0.001}},
      {{{"type", "linear"}, {"factor", 4.0}}, {0.25, 0.025, 0.0025, 0.00025}},
      {llama3, {1, 0.1 * ((1 - smooth) / 4 + smooth), 0.0025, 0.00025}},
  };
  for (const Case& c : cases) {
    for (const char* key : {"rope_scaling", "rope_parameters"}) {
      Json config = config_json(shape);
      config[key] = c.scaling;
      const std::vector<float> got = describe(config, "config.json").rope_frequencies;
      ASSERT_EQ(got.size(), c.expected.size());
      for (std::size_t i = 0; i < got.size(); ++i) {
        EXPECT_NEAR(got[i] / c.expected[i], 1, 1e-6) << key << c.scaling << i;
      }
    }
  }
}

TEST(ModelDescription, GuessesNothingAboutScaling) {
  const Json llama3 = {{"rope_type", "llama3"},
                       {"factor", 4.0},
                       {"low_freq_factor", 1.0},
                       {"high_freq_factor", 8.0},
                       {"original_max_position_embeddings", 256}};
  for (const auto& [key, value] : llama3.items()) {
    if (key == "rope_type") continue;
    Json config = config_json(TinyShape());
    config["rope_scaling"] = llama3;
    config["rope_scaling"].erase(key);
    const Problem problem = problem_of([&] { describe(config, "config.json"); });
    EXPECT_EQ(problem.where, "config.json: rope_scaling: " + key);
  }
  Json config = config_json(TinyShape());
  config["rope_scaling"] = {{"rope_type", "linear"}, {"factor", 2.0}};
  config["rope_parameters"] = {{"rope_type", "default"}, {"rope_theta", 10000}};
  EXPECT_EQ(problem_of([&] { describe(config, ""); }).fix, "remove the one that does not hold");
}

TEST(ModelDescription, RefusesGroupedQueriesInAFusedProjection) {
  Json config = config_json(TinyShape());
  config["model_type"] = "gpt_neox";
  config["num_key_value_heads"] = 2;
  EXPECT_EQ(problem_of([&] { describe(config, ""); }).expected, "as many as num_attention_heads");
}

TEST(ModelDescription, RotatesAPartOfAHeadInBothSpellings) {
  Json config = config_json(TinyShape());
  config["head_dim"] = 8;
  config["partial_rotary_factor"] = 0.5;
  EXPECT_EQ(describe(config, "").rope_frequencies.size(), 2U);
  config.erase("partial_rotary_factor");
  config["rope_parameters"] = {{"partial_rotary_factor", 0.25}, {"rope_theta", 10000}};
  EXPECT_EQ(describe(config, "").rope_frequencies.size(), 1U);
  config["rope_parameters"]["partial_rotary_factor"] = 0.1;
  EXPECT_EQ(problem_of([&] { describe(config, ""); }).expected,
            "an even number of rotated channels, from 2 to head_dim");
}

// The windows are those of the reference library (transformers 5.2: AutoConfig of a config.json
// with these settings and two layers), 0 where no layer of it slides.
TEST(ModelDescription, KnowsWhereAWindowSlides) {
  struct Case {
    std::string type;
    Json settings;
    std::int64_t window;
  };
  const Json full = {"full_attention", "full_attention"};
  const Json mixed = {"full_attention", "sliding_attention"};
  std::vector<Case> cases = {
      {"llama", {{"sliding_window", 64}}, 0},
      {"mistral", {{"sliding_window", nullptr}}, 0},
      {"mistral", {{"sliding_window", 64}}, 64},
      {"mistral", Json::object(), 4096},
      {"mistral", {{"sliding_window", 64}, {"layer_types", full}}, 0},
  };
  for (const char* type : {"qwen2", "qwen3"}) {
    const auto add = [&](Json settings, std::int64_t window) {
      if (!settings.contains("sliding_window")) settings["sliding_window"] = 64;
      cases.push_back({type, settings, window});
    };
    const auto in_use = [](const Json& first) {
      return Json({{"use_sliding_window", true}, {"max_window_layers", first}});
    };
    add({{"use_sliding_window", false}, {"max_window_layers", 0}}, 0);
    add({{"max_window_layers", 0}}, 0);
    add({{"use_sliding_window", true}}, 0);  // max_window_layers is 28 then
    add(in_use(0), 64);
    add(in_use(1), 64);
    add(in_use(2), 0);
    add(in_use(28), 0);
    add({{"layer_types", full}}, 0);
    add({{"layer_types", full}, {"use_sliding_window", true}, {"max_window_layers", 0}}, 0);
    add({{"layer_types", mixed}, {"use_sliding_window", true}, {"max_window_layers", 2}}, 64);
    add({{"sliding_window", nullptr}, {"use_sliding_window", true}, {"max_window_layers", 0}}, 0);
    cases.push_back({type, in_use(0), 4096});
  }
  for (const Case& c : cases) {
    Json config = config_json(TinyShape());
    config.update(c.settings);
    config["model_type"] = c.type;
    const ModelDescription model = describe(config, "");
    EXPECT_EQ(model.sliding_window, c.window) << c.type << c.settings;
    if (c.window == 0) continue;
    EXPECT_NO_THROW(check_context(model, c.window));
    EXPECT_EQ(problem_of([&] { check_context(model, c.window + 1); }).got,
              std::to_string(c.window + 1) + " tokens");
  }
}

TEST(ModelDescription, RefusesLayersItCannotTellToSlide) {
  for (const char* type : {"mistral", "qwen2", "qwen3"}) {
    for (const Json& types : {Json({"full_attention"}), Json("full_attention"), Json({1, 2}),
                              Json({"full_attention", "chunked_attention"})}) {
      Json config = config_json(TinyShape());
      config["model_type"] = type;
      config["layer_types"] = types;
      const Problem problem = problem_of([&] { describe(config, "config.json"); });
      EXPECT_EQ(problem.where, "config.json: layer_types");
      EXPECT_EQ(problem.expected, "full_attention or sliding_attention for each of 2 layers");
      EXPECT_EQ(problem.got, types.dump());
    }
  }
  Json config = config_json(TinyShape());
  config["model_type"] = "qwen2";
  config["max_window_layers"] = -1;
  EXPECT_EQ(problem_of([&] { describe(config, ""); }).got, "-1");
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
    const Problem problem = problem_of([&] { Model::load(model_in(folder.path())); });
    EXPECT_TRUE(has(problem.where, (folder.path() / "model.safetensors").string()));
    EXPECT_TRUE(has(problem.where, c.tensor)) << problem.text();
    EXPECT_EQ(problem.expected, c.expected);
  }
}

// A config that describes less than the checkpoint holds would give another model's figures.
TEST(Model, RefusesWeightsThatTheConfigDoesNotUse) {
  TinyShape biased;
  biased.attention_bias = true;
  const ScratchFolder folder;
  write_model(folder.path(), biased, random_weights(biased, RandomKey(1)));
  Json config = config_json(biased);
  config["attention_bias"] = false;
  write_file(folder.path() / "config.json", config.dump());
  const Problem problem = problem_of([&] { Model::load(model_in(folder.path())); });
  EXPECT_EQ(problem.what, "the checkpoint has weights that the model does not use");
  EXPECT_TRUE(has(problem.got, "8 more, \"model.layers.0.self_attn.k_proj.bias\"")) << problem.got;
}

TEST(Model, RefusesADirectoryWithoutWeights) {
  const ScratchFolder folder;
  write_file(folder.path() / "config.json", config_json(TinyShape()).dump());
  const Problem problem = problem_of([&] { Model::load(model_in(folder.path())); });
  EXPECT_EQ(problem.where, folder.path().string());
  EXPECT_EQ(problem.got, "none of them");
  write_file(folder.path() / "pytorch_model.bin", "x");
  EXPECT_EQ(problem_of([&] { model_in(folder.path()); }).got, "pytorch_model.bin");
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

TEST(Model, IsFoundByDirectory) {
  const ScratchFolder folder;
  write_file(folder.path() / "model.safetensors", "x");
  EXPECT_EQ(find_model(folder.path().string()).root, folder.path());
  write_file(folder.path() / "file", "x");
  const Problem file = problem_of([&] { find_model((folder.path() / "file").string()); });
  EXPECT_EQ(file.got, "a file of another kind");
  const Problem nothing = problem_of([&] { find_model((folder.path() / "gone").string()); });
  EXPECT_EQ(nothing.where, (folder.path() / "gone").string());
  EXPECT_EQ(nothing.got, "nothing of that name");
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

struct NamedTiny {
  std::string name;
  TinyShape shape;
};

std::vector<NamedTiny> shapes() {
  std::vector<NamedTiny> table(8);
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
}  // namespace pressroom::model_test
