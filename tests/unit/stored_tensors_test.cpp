// Nothing that a checkpoint stores is passed over: what the model does not use is refused by name,
// and a stored copy of a tied head must be one.
#include <cstring>

#include "gguf_builder.h"
#include "model/model_files.h"
#include "stream_test_support.h"
#include "test_folders.h"

namespace pressroom::stored_tensors_test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr char kUnused[] = "the checkpoint has weights that the model does not use";
constexpr char kOtherHead[] = "the checkpoint stores another output head than config.json asks for";

// The safetensors file `bytes` with one more tensor, of float32 zeros.
std::string with_tensor(const std::string& bytes, const std::string& name,
                        const std::vector<std::int64_t>& shape) {
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof(length));
  Json header = Json::parse(bytes.substr(8, length));
  const std::string data = bytes.substr(8 + length);
  std::size_t count = 1;
  for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
  header[name] = {
      {"dtype", "F32"}, {"shape", shape}, {"data_offsets", {data.size(), data.size() + 4 * count}}};
  return safetensors_bytes(header.dump(), data + std::string(4 * count, '\0'));
}

// One of the golden models in a folder of its own, to be added to.
class StoredTensors : public testing::Test {
 protected:
  void take(const std::string& family) {
    fs::remove_all(path());
    fs::copy(test_dir() / "goldens" / "models" / family, path(), fs::copy_options::recursive);
  }
  // To the last file of weights.
  void add(const std::string& name, const std::vector<std::int64_t>& shape) const {
    const fs::path file = model_in(path()).weights.back();
    const std::string bytes = read_file(file);
    fs::remove(file);
    write_file(file, with_tensor(bytes, name, shape));
  }
  void set(const std::string& key, const Json& value) const {
    const fs::path file = path() / "config.json";
    Json config = Json::parse(read_file(file));
    config[key] = value;
    fs::remove(file);
    write_file(file, config.dump());
  }
  fs::path path() const { return folder_.path() / "model"; }
  Problem loading() const {
    return problem_of([this] { Model::load(model_in(path())); });
  }

 private:
  ScratchFolder folder_;
};

TEST_F(StoredTensors, AreRefusedByNameWhereTheFamilyHasNone) {
  struct Case {
    std::string family, name;
  };
  const std::string neox = "gpt_neox.layers.1.";
  const std::string llama = "model.layers.1.";
  const std::vector<Case> cases = {
      {"llama_mha", "lm_head.bias"},
      {"llama_mha", llama + "self_attn.q_norm.weight"},
      {"llama_mha", llama + "self_attn.q_proj.bias"},
      {"llama_mha", llama + "mlp.down_proj.bias"},
      {"llama_mha", llama + "self_attn.q_proj.lora_A.weight"},
      {"llama_mha", llama + "self_attn.q_proj.weight_scale"},
      {"llama_mha", llama + "attention.bias"},  // a mask in gpt_neox alone
      {"llama_mha", "rope_freqs.weight"},       // used in GGUF files alone
      {"llama_mha", "model.layers.99.self_attn.rotary_emb.inv_freq"},
      {"mistral", "model.layers.99.input_layernorm.weight"},
      {"qwen2", llama + "self_attn.o_proj.bias"},
      {"qwen2", llama + "self_attn.k_norm.weight"},
      {"qwen3", llama + "self_attn.k_proj.bias"},
      {"qwen3", "model.layers.99.mlp.up_proj.weight"},
      {"gpt_neox_parallel", "embed_out.bias"},
      {"gpt_neox_parallel", "gpt_neox.layers.99.mlp.dense_h_to_4h.weight"},
      {"gpt_neox_sequential", neox + "attention.query_layernorm.weight"},
      {"gpt_neox_sequential", neox + "post_mlp_layernorm.weight"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.family + " " + c.name);
    take(c.family);
    add(c.name, {8});
    const Problem problem = loading();
    EXPECT_EQ(problem.what, kUnused);
    EXPECT_TRUE(has(problem.where, c.name)) << problem.where;
    EXPECT_TRUE(has(problem.got, c.name)) << problem.got;
  }
}

// Which the reference library leaves out of the model, too.
TEST_F(StoredTensors, ArePassedOverWhereTheyAreBuffers) {
  const std::vector<std::pair<std::string, std::string>> buffers = {
      {"llama_mha", "model.layers.0.self_attn.rotary_emb.inv_freq"},
      {"qwen3", "model.rotary_emb.inv_freq"},
      {"gpt_neox_parallel", "gpt_neox.layers.1.attention.bias"},
      {"gpt_neox_parallel", "gpt_neox.layers.1.attention.masked_bias"},
      {"gpt_neox_parallel", "gpt_neox.layers.1.attention.rotary_emb.inv_freq"},
  };
  for (const auto& [family, name] : buffers) {
    take(family);
    add(name, {4});
    EXPECT_NO_THROW(Model::load(model_in(path()))) << family << " " << name;
  }
}

TEST_F(StoredTensors, OfATiedHeadMustBeTheEmbedding) {
  const std::vector<std::vector<std::string>> families = {
      {"llama_mha", "lm_head.weight", "model.embed_tokens.weight"},
      {"qwen2", "lm_head.weight", "model.embed_tokens.weight"},
      {"qwen3", "lm_head.weight", "model.embed_tokens.weight"},
      {"gpt_neox_parallel", "embed_out.weight", "gpt_neox.embed_in.weight"}};
  for (const auto& names : families) {
    SCOPED_TRACE(names[0]);
    take(names[0]);
    const bool stored = open_weights(model_in(path()))->contains(names[1]);
    const std::vector<std::int64_t> shape = open_weights(model_in(path()))->shape(names[2]);
    set("tie_word_embeddings", true);
    if (!stored) {
      EXPECT_NO_THROW(Model::load(model_in(path())));
      add(names[1], shape);
    }
    const Problem problem = loading();
    EXPECT_EQ(problem.what, kOtherHead);
    EXPECT_TRUE(has(problem.where, names[1])) << problem.where;
    EXPECT_TRUE(has(problem.expected, names[2])) << problem.expected;
    EXPECT_EQ(problem.got, "other values, first in row 0");
    EXPECT_TRUE(has(problem.fix, "tie_word_embeddings")) << problem.fix;
  }
}

class TiedHead : public testing::Test {
 protected:
  TiedHead() {
    shape_.tied_embeddings = true;
    weights_ = random_weights(shape_, RandomKey(4));
    weights_["lm_head.weight"] = weights_.at("model.embed_tokens.weight");
  }
  Problem loading() const {
    const ScratchFolder folder;
    write_model(folder.path(), shape_, weights_);
    LoadOptions options;
    options.threads = 2;
    return problem_of([&] { Model::load(model_in(folder.path()), options); });
  }
  std::vector<float>& head() { return weights_["lm_head.weight"].values; }

  TinyShape shape_;
  TinyWeights weights_;
};

TEST_F(TiedHead, MayBeStoredTwice) {
  for (const char* dtype : {"F32", "F16", "BF16"}) {
    shape_.dtype = dtype;
    const TinyModel twice(shape_, weights_);
    TinyWeights once = weights_;
    once.erase("lm_head.weight");
    const std::vector<std::int64_t> ids = random_ids(20, shape_, RandomKey(5));
    EXPECT_EQ(run_dense(twice.model(), ids).nll_nats,
              run_dense(TinyModel(shape_, once).model(), ids).nll_nats);
    EXPECT_EQ(twice.model().weight_bytes(), TinyModel(shape_, once).model().weight_bytes());
  }
}

TEST_F(TiedHead, IsComparedToTheLastBit) {
  const auto width = static_cast<std::size_t>(shape_.hidden_size);
  head().back() += 0.25F;
  EXPECT_EQ(loading().got, "other values, first in row 39");
  head()[3 * width + 1] += 0.25F;
  EXPECT_EQ(loading().got, "other values, first in row 3");

  // Of equal numbers that are not the same bits.
  head() = weights_["model.embed_tokens.weight"].values;
  weights_["model.embed_tokens.weight"].values[5 * width] = 0.0F;
  head()[5 * width] = -0.0F;
  EXPECT_EQ(loading().got, "other values, first in row 5");
}

TEST_F(TiedHead, IsComparedInLargeTablesToo) {
  shape_.vocabulary = 40000;  // more than is read in one go
  weights_ = random_weights(shape_, RandomKey(4));
  weights_["lm_head.weight"] = weights_.at("model.embed_tokens.weight");
  ASSERT_NO_THROW(TinyModel(shape_, weights_));
  for (const std::size_t row : {39999, 20000}) {
    head()[row * static_cast<std::size_t>(shape_.hidden_size)] += 0.25F;
    EXPECT_EQ(loading().got, "other values, first in row " + std::to_string(row));
  }
}

TEST_F(TiedHead, OfAnotherShapeIsRefused) {
  weights_["lm_head.weight"] = {{7, 5}, std::vector<float>(35, 0)};
  const Problem problem = loading();
  EXPECT_EQ(problem.what, kOtherHead);
  EXPECT_EQ(problem.got, "[7, 5], and not [40, 16]");
}

// A llama of one layer whose embedding doubles as its head.
GgufBuilder tiny_gguf() {
  GgufBuilder gguf;
  gguf.text("general.architecture", "llama").whole("llama.context_length", 64);
  gguf.whole("llama.embedding_length", 8).whole("llama.block_count", 1);
  gguf.whole("llama.feed_forward_length", 8).whole("llama.attention.head_count", 1);
  gguf.number("llama.attention.layer_norm_rms_epsilon", 1e-5F);
  const auto add = [&](const std::string& name, const std::vector<std::int64_t>& shape) {
    const std::size_t count = static_cast<std::size_t>(shape[0]) * (shape.size() > 1 ? 8 : 1);
    gguf.tensor(name, 0, shape, encoded(std::vector<float>(count, 0.5F), "F32"));
  };
  add("token_embd.weight", {8, 8});
  add("output_norm.weight", {8});
  for (const char* name : {"attn_norm", "ffn_norm"}) {
    add("blk.0." + std::string(name) + ".weight", {8});
  }
  for (const char* name :
       {"attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"}) {
    add("blk.0." + std::string(name) + ".weight", {8, 8});
  }
  return gguf;
}

TEST(StoredGgufTensors, AreRefusedByNameWhereTheModelHasNone) {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "model.gguf").string();
  const auto loading = [&](const GgufBuilder& gguf) {
    write_file(file, gguf.bytes());
    return problem_of([&] { Model::load(find_model(file)); });
  };
  write_file(file, tiny_gguf().bytes());
  ASSERT_NO_THROW(Model::load(find_model(file)));
  write_file(file,
             tiny_gguf().tensor("rope_freqs.weight", 0, {4}, encoded({1, 1, 1, 1}, "F32")).bytes());
  EXPECT_NO_THROW(Model::load(find_model(file))) << "it is part of the rotary frequencies";
  for (const std::string name :
       {"blk.1.attn_norm.weight", "blk.0.attn_output.bias", "blk.0.attn_q.scale",
        "blk.0.attn_q_norm.weight", "blk.0.attn_q.weight.lora_a", "output.bias",
        "blk.0.rope_freqs.weight", "rope_factors_long.weight", "cls.weight"}) {
    SCOPED_TRACE(name);
    const Problem problem = loading(tiny_gguf().tensor(name, 0, {8}, std::string(32, '\0')));
    EXPECT_EQ(problem.what, kUnused);
    EXPECT_TRUE(has(problem.where, name)) << problem.where;
  }
}

}  // namespace
}  // namespace pressroom::stored_tensors_test
