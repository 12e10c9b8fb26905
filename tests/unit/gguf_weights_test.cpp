// Tensors of GGUF files under the names and in the order of Hugging Face checkpoints.
#include <cstdlib>
#include <cstring>
#include <numeric>

#include "gguf/gguf_model.h"
#include "gguf_builder.h"
#include "stream_test_support.h"
#include "test_folders.h"
#include "weights/safetensors.h"
#include "weights/weight_source.h"

namespace pressroom::gguf_weights_test {
namespace {

namespace fs = std::filesystem;

class GgufWeights : public testing::Test {
 protected:
  fs::path path() const { return folder_.path() / "model.gguf"; }

  // `heads` query heads and two KV heads of eight channels.
  GgufBuilder model(const std::string& architecture, std::uint32_t heads) const {
    GgufBuilder gguf;
    gguf.text("general.architecture", architecture);
    gguf.whole(architecture + ".embedding_length", heads * 8);
    gguf.whole(architecture + ".attention.head_count", heads);
    gguf.whole(architecture + ".attention.head_count_kv", 2);
    return gguf;
  }

  std::unique_ptr<WeightSource> open(const GgufBuilder& gguf) const {
    write_file(path(), gguf.bytes());
    return open_gguf_weights(path());
  }

  ScratchFolder folder_;
};

std::vector<float> all_rows(const WeightSource& weights, const std::string& name) {
  const std::vector<std::int64_t>& shape = weights.shape(name);
  const std::int64_t rows = row_count(shape);
  std::vector<float> values(static_cast<std::size_t>(rows * row_elements(shape)));
  weights.read_rows(name, 0, rows, values.data());
  return values;
}

// A checkpoint's [`rows`, 2] table of 0, 1, 2, ...
std::vector<float> counting(std::int64_t rows) {
  std::vector<float> values(static_cast<std::size_t>(rows) * 2);
  std::iota(values.begin(), values.end(), 0.0F);
  return values;
}

// `table` as a file with interleaved rows has it: in each head of eight, of its first `rotated`
// channels, i and i + rotated/2 come to lie side by side.
std::vector<float> interleaved(const std::vector<float>& table, std::size_t rotated) {
  std::vector<float> moved = table;
  for (std::size_t head = 0; head < table.size() / 16; ++head) {
    for (std::size_t i = 0; i < rotated / 2; ++i) {
      for (std::size_t half = 0; half < 2; ++half) {
        const std::size_t from = head * 8 + i + half * (rotated / 2);
        const std::size_t to = head * 8 + 2 * i + half;
        std::copy_n(&table[2 * from], 2, &moved[2 * to]);
      }
    }
  }
  return moved;
}

TEST_F(GgufWeights, HaveTheNamesOfACheckpoint) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"token_embd.weight", "model.embed_tokens.weight"},
      {"output_norm.weight", "model.norm.weight"},
      {"output.weight", "lm_head.weight"},
      {"rope_freqs.weight", "rope_freqs.weight"},
      {"blk.0.attn_norm.weight", "model.layers.0.input_layernorm.weight"},
      {"blk.12.attn_q.weight", "model.layers.12.self_attn.q_proj.weight"},
      {"blk.12.attn_q.bias", "model.layers.12.self_attn.q_proj.bias"},
      {"blk.0.attn_k.weight", "model.layers.0.self_attn.k_proj.weight"},
      {"blk.0.attn_v.weight", "model.layers.0.self_attn.v_proj.weight"},
      {"blk.0.attn_output.weight", "model.layers.0.self_attn.o_proj.weight"},
      {"blk.0.attn_q_norm.weight", "model.layers.0.self_attn.q_norm.weight"},
      {"blk.0.attn_k_norm.weight", "model.layers.0.self_attn.k_norm.weight"},
      {"blk.0.ffn_norm.weight", "model.layers.0.post_attention_layernorm.weight"},
      {"blk.0.ffn_gate.weight", "model.layers.0.mlp.gate_proj.weight"},
      {"blk.0.ffn_up.weight", "model.layers.0.mlp.up_proj.weight"},
      {"blk.0.ffn_down.weight", "model.layers.0.mlp.down_proj.weight"},
      {"blk.0.other.weight", "blk.0.other.weight"}};
  GgufBuilder gguf = model("qwen3", 2);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    gguf.tensor(cases[i].first, 0, {1}, encoded({static_cast<float>(i)}, "F32"));
  }
  const auto weights = open(gguf);
  EXPECT_EQ(weights->names().size(), cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto& [stored, name] = cases[i];
    ASSERT_TRUE(weights->contains(name)) << name;
    EXPECT_EQ(all_rows(*weights, name), std::vector<float>{static_cast<float>(i)}) << name;
    EXPECT_EQ(weights->place(name), path().string() + ": " + stored);
  }
}

TEST_F(GgufWeights, PutInterleavedRowsBackWhicheverAreAskedFor) {
  const std::vector<float> q = counting(32);
  const std::vector<float> k = counting(16);
  for (const std::uint32_t rotated : {8, 4, 2}) {
    SCOPED_TRACE(rotated);
    GgufBuilder gguf = model("llama", 4);
    gguf.whole("llama.rope.dimension_count", rotated);
    gguf.tensor("blk.0.attn_q.weight", 0, {32, 2}, encoded(interleaved(q, rotated), "F32"));
    gguf.tensor("blk.0.attn_k.weight", 0, {16, 2}, encoded(interleaved(k, rotated), "F32"));
    gguf.tensor("blk.0.attn_v.weight", 0, {16, 2}, encoded(k, "F32"));
    const auto weights = open(gguf);
    EXPECT_EQ(all_rows(*weights, "model.layers.0.self_attn.k_proj.weight"), k);
    EXPECT_EQ(all_rows(*weights, "model.layers.0.self_attn.v_proj.weight"), k);
    for (std::int64_t first = 0; first < 32; ++first) {
      for (std::int64_t count = 0; count <= 32 - first; ++count) {
        std::vector<float> rows(static_cast<std::size_t>(count) * 2);
        weights->read_rows("model.layers.0.self_attn.q_proj.weight", first, count, rows.data());
        ASSERT_TRUE(std::equal(rows.begin(), rows.end(), q.begin() + first * 2))
            << first << " " << count;
      }
    }
  }
}

TEST_F(GgufWeights, PutInterleavedBiasesBack) {
  const std::vector<float> stored = {0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15};
  GgufBuilder gguf = model("llama", 2);
  gguf.tensor("blk.0.attn_q.bias", 0, {16}, encoded(stored, "F32"));
  std::vector<float> expected(16);
  std::iota(expected.begin(), expected.end(), 0.0F);
  EXPECT_EQ(all_rows(*open(gguf), "model.layers.0.self_attn.q_proj.bias"), expected);
}

TEST_F(GgufWeights, LeaveTheRowsOfOtherArchitecturesAlone) {
  for (const char* architecture : {"qwen2", "qwen3"}) {
    GgufBuilder gguf = model(architecture, 2);
    gguf.tensor("blk.0.attn_q.weight", 0, {16, 2}, encoded(counting(16), "F32"));
    EXPECT_EQ(all_rows(*open(gguf), "model.layers.0.self_attn.q_proj.weight"), counting(16));
  }
}

TEST_F(GgufWeights, RefuseWhatTheyCannotRead) {
  GgufBuilder gguf = model("llama", 2);
  gguf.tensor("output.weight", 10, {1, 256}, std::string(84, '\0'));
  gguf.tensor("output_norm.weight", 0, {1}, encoded({1}, "F32"));
  const auto weights = open(gguf);
  const Problem type = problem_of([&] { weights->read_rows("lm_head.weight", 0, 1, nullptr); });
  EXPECT_EQ(type.where, path().string() + ": output.weight");
  EXPECT_TRUE(has(type.expected, "Q4_K")) << type.text();
  EXPECT_EQ(type.got, "Q2_K");
  const Problem missing = problem_of([&] { weights->shape("model.norms.weight"); });
  EXPECT_TRUE(has(missing.got, "\"model.norm.weight\"")) << missing.text();

  GgufBuilder rows = model("llama", 4);
  rows.tensor("blk.0.attn_q.weight", 0, {16, 2}, encoded(counting(16), "F32"));
  const Problem heads = problem_of([&] { open(rows); });
  EXPECT_EQ(heads.where, path().string() + ": blk.0.attn_q.weight");
  EXPECT_EQ(heads.expected, "32 rows");
  EXPECT_EQ(heads.got, "[16, 2]");
}

// One model in both formats, the GGUF file written by the format's own Python package
// (tests/goldens/make_gguf_model.py): the same floats.
TEST_F(GgufWeights, AreThoseOfTheSameModelsCheckpoint) {
  const auto weights = open_gguf_weights(test_dir() / "goldens/mistral.gguf");
  const SafetensorsFile checkpoint(test_dir() / "goldens/models/mistral/model.safetensors");
  ASSERT_EQ(weights->names(), checkpoint.names());
  for (const std::string& name : checkpoint.names()) {
    ASSERT_EQ(weights->shape(name), checkpoint.shape(name)) << name;
    const std::vector<float> a = all_rows(*weights, name);
    const std::vector<float> b = all_rows(checkpoint, name);
    EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size() * sizeof(float)), 0) << name;
  }
}

}  // namespace
}  // namespace pressroom::gguf_weights_test
