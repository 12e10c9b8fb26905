// The metadata of GGUF files as config.json.
#include <nlohmann/json.hpp>

#include "gguf/gguf_model.h"
#include "gguf_builder.h"
#include "stream_test_support.h"

namespace pressroom::gguf_config_test {
namespace {

using Json = nlohmann::json;

class GgufConfig : public testing::Test {
 protected:
  std::filesystem::path path() const { return folder_.path() / "model.gguf"; }

  // Without a bias, a scaling or an output head of its own.
  static GgufBuilder plain(const std::string& name = "llama") { return without("", name); }

  // Without the key `left_out` as well.
  static GgufBuilder without(const std::string& left_out, const std::string& name = "llama") {
    GgufBuilder gguf;
    gguf.text("general.architecture", name);
    const std::vector<std::pair<std::string, std::uint32_t>> sizes = {{".context_length", 512},
                                                                      {".embedding_length", 64},
                                                                      {".block_count", 3},
                                                                      {".feed_forward_length", 96},
                                                                      {".attention.head_count", 8}};
    for (const auto& [key, size] : sizes) {
      if (name + key != left_out) gguf.whole(name + key, size);
    }
    gguf.number(name + ".attention.layer_norm_rms_epsilon", 0.0625F);
    gguf.tensor("token_embd.weight", 0, {5, 2}, std::string(40, '\0'));
    return gguf;
  }

  // An array of int32, one a layer.
  static std::string of_layers(const std::vector<std::int32_t>& values) {
    std::string bytes =
        little_endian<std::uint32_t>(5) + little_endian<std::uint64_t>(values.size());
    for (const std::int32_t value : values) bytes += little_endian(value);
    return bytes;
  }

  Json config(const GgufBuilder& gguf) {
    write_file(path(), gguf.bytes());
    return gguf_config(GgufFile(path()));
  }

  ScratchFolder folder_;
};

TEST_F(GgufConfig, SaysWhatTheSameModelsConfigSays) {
  const Json expected = {
      {"model_type", "llama"},    {"hidden_size", 64},        {"num_hidden_layers", 3},
      {"num_attention_heads", 8}, {"num_key_value_heads", 8}, {"head_dim", 8},
      {"intermediate_size", 96},  {"vocab_size", 5},          {"max_position_embeddings", 512},
      {"rms_norm_eps", 0.0625},   {"rope_theta", 10000.0},    {"tie_word_embeddings", true},
      {"attention_bias", false},  {"mlp_bias", false}};
  EXPECT_EQ(config(plain()), expected);
  for (const char* name : {"qwen2", "qwen3"}) {
    EXPECT_EQ(config(plain(name)).at("model_type"), name);
  }
}

TEST_F(GgufConfig, TranslatesEverySettingThatDiffers) {
  struct Case {
    GgufBuilder gguf;
    Json expected;  // among the rest
  };
  const auto floats = [](const std::vector<float>& values) { return encoded(values, "F32"); };
  const Json linear = {{"rope_type", "linear"}, {"factor", 4.0}};
  const std::vector<Case> cases = {
      {plain().whole("llama.attention.head_count_kv", 2), {{"num_key_value_heads", 2}}},
      {plain().whole("llama.attention.key_length", 16), {{"head_dim", 16}}},
      {plain().number("llama.rope.freq_base", 500000), {{"rope_theta", 500000.0}}},
      {plain().whole("llama.rope.dimension_count", 8), {{"head_dim", 8}}},
      {plain().whole("llama.rope.dimension_count", 2), {{"partial_rotary_factor", 0.25}}},
      {plain().text("llama.rope.scaling.type", "none"), {{"rope_theta", 10000.0}}},
      {plain().text("llama.rope.scaling.type", "linear").number("llama.rope.scaling.factor", 4),
       {{"rope_scaling", linear}}},
      {plain().number("llama.rope.scale_linear", 4), {{"rope_scaling", linear}}},
      {plain().tensor("rope_freqs.weight", 0, {4}, floats({1, 1.5, 2, 8})),
       {{"rope_frequency_factors", {1.0, 1.5, 2.0, 8.0}}}},
      {plain().tensor("output.weight", 0, {1}, floats({1})), {{"tie_word_embeddings", false}}},
      {plain().tensor("blk.0.attn_q.bias", 0, {1}, floats({1})), {{"attention_bias", true}}},
      {plain().tensor("blk.0.ffn_gate.bias", 0, {1}, floats({1})), {{"mlp_bias", true}}},
      {plain().whole("llama.attention.sliding_window", 64),
       {{"model_type", "mistral"}, {"sliding_window", 64}}},
      {plain("qwen2").whole("qwen2.attention.sliding_window", 64),
       {{"model_type", "qwen2"},
        {"sliding_window", 64},
        {"use_sliding_window", true},
        {"max_window_layers", 0}}},
      {plain().pair("llama.attention.head_count_kv", 9, of_layers({2, 2, 2})),
       {{"num_key_value_heads", 2}}},
      {without("llama.feed_forward_length")
           .pair("llama.feed_forward_length", 9, of_layers({96, 96, 96})),
       {{"intermediate_size", 96}}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.expected.dump());
    const Json read = config(c.gguf);
    for (const auto& [key, value] : c.expected.items()) EXPECT_EQ(read.value(key, Json()), value);
  }
  for (const char* key : {"rope_scaling", "rope_frequency_factors", "partial_rotary_factor"}) {
    EXPECT_FALSE(config(plain()).contains(key)) << key;
  }
}

TEST_F(GgufConfig, RefusesWhatCannotBeRun) {
  struct Case {
    GgufBuilder gguf;
    std::string key, expected, got;
  };
  const std::string head_count = "llama.attention.head_count";
  const std::vector<Case> cases = {
      {GgufBuilder(), "general.architecture", "a text", "nothing"},
      {plain("gemma3"), "general.architecture", "one of: llama, qwen2, qwen3", "gemma3"},
      {plain().whole("split.count", 3), "split.count", "a whole model", "3 files"},
      {plain().whole("llama.expert_count", 8), "llama.expert_count", "one MLP", "8 experts"},
      {plain().text("llama.rope.scaling.type", "yarn"), "llama.rope.scaling.type", "none or linear",
       "yarn"},
      {plain().text("llama.rope.scaling.type", "linear"), "llama.rope.scaling.factor", "a number",
       "nothing"},
      {plain().whole(head_count + "_kv", 3), head_count + "_kv", "a divisor", "3"},
      {plain().whole(head_count + "_kv", 0), head_count + "_kv", "from 1", "0"},
      {plain().whole("llama.attention.value_length", 4), "llama.attention.value_length",
       "that of keys, 8", "4"},
      {plain().whole("llama.rope.dimension_count", 10), "llama.rope.dimension_count", "at most 8",
       "10"},
      {plain().whole("llama.rope.dimension_count", 3), "llama.rope.dimension_count", "even", "3"},
      {plain().tensor("rope_freqs.weight", 0, {3}, std::string(12, '\0')), "rope_freqs.weight",
       "F32 [4]", "F32 [3]"},
      {plain().whole("llama.attention.sliding_window", 9).tensor("blk.0.attn_q.bias", 0, {0}, ""),
       "llama.attention.sliding_window", "no window", "9"},
      {plain().pair(head_count + "_kv", 9, of_layers({4, 4, 2})), head_count + "_kv",
       "layers that are alike", "[4, 4, 2]"},
      {plain().pair(head_count + "_kv", 9, of_layers({4, 4})), head_count + "_kv",
       "one for each of 3 layers", "2 values"},
      {plain().pair(head_count + "_kv", 9, of_layers({})), head_count + "_kv", "one for each",
       "0 values"},
      {without("llama.feed_forward_length")
           .pair("llama.feed_forward_length", 9, of_layers({96, 64, 96})),
       "llama.feed_forward_length", "layers that are alike", "[96, 64, 96]"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.key);
    const Problem problem = problem_of([&] { config(c.gguf); });
    EXPECT_EQ(problem.where, path().string() + ": " + c.key);
    EXPECT_TRUE(has(problem.expected, c.expected)) << problem.text();
    EXPECT_TRUE(has(problem.got, c.got)) << problem.text();
  }
}

// By the type that the format has for them, and by the key that adapters had before.
TEST_F(GgufConfig, SaysWhatAFileThatIsNoModelIs) {
  struct Case {
    GgufBuilder gguf;
    std::string key, got, fix;
  };
  const auto typed = [](const std::string& type) {
    return GgufBuilder().text("general.type", type);
  };
  const std::vector<Case> cases = {
      {typed("adapter").text("general.architecture", "llama"), "general.type", "adapter",
       "base model"},
      {typed("mmproj").text("general.architecture", "clip"), "general.type", "mmproj",
       "language model"},
      {typed("imatrix"), "general.type", "imatrix", "the model that it was made for"},
      {typed("other"), "general.type", "other", "a model"},
      {plain().text("adapter.type", "lora"), "adapter.type", "adapter", "base model"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.got);
    const Problem problem = problem_of([&] { config(c.gguf); });
    EXPECT_EQ(problem.what, "the GGUF file is not a model");
    EXPECT_EQ(problem.where, path().string() + ": " + c.key);
    EXPECT_EQ(problem.got, c.got);
    EXPECT_TRUE(has(problem.fix, c.fix)) << problem.fix;
  }
  EXPECT_NO_THROW(config(plain().text("general.type", "model")));
  EXPECT_NO_THROW(config(plain().whole("split.count", 1)));
}

TEST_F(GgufConfig, SaysThatAFileHasNoTensors) {
  GgufBuilder gguf;
  gguf.text("general.architecture", "llama").whole("llama.embedding_length", 64);
  gguf.whole("llama.attention.head_count", 8);
  EXPECT_EQ(problem_of([&] { config(gguf); }).got, "no tensors at all");
}

}  // namespace
}  // namespace pressroom::gguf_config_test
