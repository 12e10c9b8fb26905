// Weights of one form and of several, and those of files kept as they are stored.
#include "model/weight.h"

#include <ATen/ATen.h>

#include <cmath>
#include <cstring>
#include <functional>

#include "gguf_builder.h"
#include "model/products.h"
#include "quantised_blocks.h"
#include "stream_test_support.h"
#include "test_folders.h"
#include "tiny_model.h"

namespace pressroom::weight_test {
namespace {

namespace fs = std::filesystem;

at::Tensor numbers(std::int64_t rows, std::int64_t columns, std::uint64_t seed) {
  at::Generator generator = at::detail::createCPUGenerator(seed);
  return at::randn({rows, columns}, generator);
}

WeightRun run_of(WeightForm form, std::int64_t rows, std::int64_t in) {
  if (!is_in_blocks(form)) return {numbers(rows, in, 9).to(memory_dtype(form)), form};
  const std::string bytes = some_blocks(form, rows * in / block_elements(form), 5);
  const at::Tensor memory = at::empty({rows, row_bytes(form, in)}, at::kByte);
  std::memcpy(memory.data_ptr(), bytes.data(), bytes.size());
  return {memory, form};
}

// The same numbers, by libtorch's conversions and the plain code of gguf/.
at::Tensor plain(const WeightRun& run, std::int64_t in) {
  if (!is_in_blocks(run.form)) return run.memory.to(at::kFloat);
  const std::string bytes(static_cast<const char*>(run.memory.data_ptr()), run.memory.nbytes());
  return at::tensor(plain_values(run.form, bytes)).view({run.rows(), in});
}

// Runs of every form, of 5, 6, 7, ... rows.
struct Mixed {
  static constexpr std::int64_t kIn = 512;
  Mixed() {
    std::vector<WeightRun> runs;
    std::vector<at::Tensor> parts;
    std::int64_t rows = 5;
    for (const WeightForm form :
         {WeightForm::kQ4_K, WeightForm::kFloat32, WeightForm::kQ6_K, WeightForm::kQ8_0,
          WeightForm::kBfloat16, WeightForm::kQ4_0, WeightForm::kFloat16, WeightForm::kQ4_1}) {
      runs.push_back(run_of(form, rows++, kIn));
      parts.push_back(plain(runs.back(), kIn));
      bytes += (rows - 1) * row_bytes(form, kIn);
    }
    weight = Weight(runs, kIn);
    wide = at::cat(parts);
  }

  Weight weight;
  at::Tensor wide;
  std::int64_t bytes = 0;
};

TEST(Weight, OfSeveralFormsIsWidenedToItsParts) {
  const Mixed mixed;
  const std::int64_t out = mixed.wide.size(0);
  EXPECT_EQ(mixed.weight.out(), out);
  EXPECT_EQ(mixed.weight.in(), Mixed::kIn);
  EXPECT_EQ(mixed.weight.bytes(), mixed.bytes);
  EXPECT_TRUE(at::equal(mixed.weight.widened(), mixed.wide));
  std::vector<float> scratch;
  for (std::int64_t first = 0; first <= out; ++first) {
    for (std::int64_t count = 0; first + count <= out; ++count) {
      ASSERT_TRUE(at::equal(mixed.weight.widened(first, count, scratch),
                            mixed.wide.narrow(0, first, count)))
          << count << " rows from " << first;
    }
  }
}

TEST(Weight, GathersTheRowsThatAreNamed) {
  const Mixed mixed;
  const at::Tensor ids = at::tensor({3, 60, 0, 3, 17, 41}, at::kLong);
  EXPECT_TRUE(at::equal(mixed.weight.gathered(ids), mixed.wide.index_select(0, ids)));
}

TEST(Weight, OfFloat32IsNotCopied) {
  const at::Tensor dense = numbers(7, 3, 1);
  const Weight weight(dense);
  std::vector<float> scratch;
  EXPECT_EQ(weight.widened().data_ptr(), dense.data_ptr());
  EXPECT_EQ(weight.widened(2, 3, scratch).data_ptr(), dense[2].data_ptr());
  EXPECT_TRUE(scratch.empty());
  EXPECT_EQ(weight.bytes(), 7 * 3 * 4);
}

// One row, a few, and more than are multiplied row by row; threads share the weight anywhere.
TEST(Weight, IsMultipliedAsItsNumbersInFloat32ToTheBit) {
  const Mixed mixed;
  const Weight wide(mixed.wide);
  const at::Tensor bias = numbers(1, mixed.wide.size(0), 2).view({-1});
  for (const std::int64_t rows : {1, 3, 8, 9, 40}) {
    const at::Tensor x = numbers(rows, Mixed::kIn, 3);
    for (const std::int64_t threads : {1, 2, 3}) {
      set_product_threads(threads);
      EXPECT_TRUE(at::equal(product(x, mixed.weight, bias), product(x, wide, bias)))
          << rows << " rows, " << threads << " threads";
      EXPECT_TRUE(at::equal(product(x, mixed.weight, {}), product(x, wide, {})));
    }
  }
  set_product_threads(1);
}

// A llama of two layers whose tables have rows of 256, each of the form that `form_of` names.
class StoredModel : public testing::Test {
 protected:
  template <class FormOf>
  void write(const FormOf& form_of) const {
    GgufBuilder gguf;
    gguf.text("general.architecture", "llama").whole("llama.context_length", 256);
    gguf.whole("llama.embedding_length", 256).whole("llama.block_count", 2);
    gguf.whole("llama.feed_forward_length", 512).whole("llama.attention.head_count", 4);
    gguf.whole("llama.attention.head_count_kv", 2);
    gguf.number("llama.attention.layer_norm_rms_epsilon", 1e-5F);
    int stream = 0;
    const auto norm = [&](const std::string& name) {
      gguf.tensor(name, kGgufF32, {256}, encoded(std::vector<float>(256, 1.5F), "F32"));
    };
    const auto table = [&](const std::string& name, std::int64_t rows, std::int64_t in) {
      const WeightForm form = form_of(name);
      const std::string bytes = is_in_blocks(form)
                                    ? some_blocks(form, rows * in / block_elements(form), ++stream)
                                    : encoded(some_floats(rows * in, ++stream), to_string(form));
      gguf.tensor(name, gguf_type_of(form), {rows, in}, bytes);
    };
    table("token_embd.weight", 40, 256);
    norm("output_norm.weight");
    for (const std::string layer : {"blk.0.", "blk.1."}) {
      norm(layer + "attn_norm.weight");
      norm(layer + "ffn_norm.weight");
      table(layer + "attn_q.weight", 256, 256);
      table(layer + "attn_k.weight", 128, 256);
      table(layer + "attn_v.weight", 128, 256);
      table(layer + "attn_output.weight", 256, 256);
      table(layer + "ffn_gate.weight", 512, 256);
      table(layer + "ffn_up.weight", 512, 256);
      table(layer + "ffn_down.weight", 256, 512);
    }
    write_file(file(), gguf.bytes());
  }

  std::unique_ptr<Model> load(WeightDtype dtype) const {
    LoadOptions options;
    options.dtype = dtype;
    return Model::load(find_model(file().string()), options);
  }

  fs::path file() const { return folder_.path() / "model.gguf"; }

 private:
  static std::vector<float> some_floats(std::int64_t count, int stream) {
    std::vector<float> floats;  // exact in 16 bits
    for (std::int64_t i = 0; i < count; ++i) {
      const double uniform = RandomKey(23).with(stream).with(i).uniform();
      floats.push_back(static_cast<float>(std::floor(uniform * 200) - 100) / 1024);
    }
    return floats;
  }

  ScratchFolder folder_;
};

// As files of mixed quantisation have it; q and k of a llama are stored in another order of rows.
WeightForm mixed_form(const std::string& name) {
  if (name.find("token_embd") != name.npos) return WeightForm::kQ6_K;
  if (name.find("attn_k") != name.npos) return WeightForm::kQ8_0;
  if (name.find("attn_v") != name.npos) return WeightForm::kQ6_K;
  if (name.find("output") != name.npos) return WeightForm::kBfloat16;
  if (name.find("gate") != name.npos) return WeightForm::kQ4_0;
  if (name.find("up") != name.npos) return WeightForm::kFloat16;
  if (name.find("down") != name.npos) return WeightForm::kQ4_1;
  return WeightForm::kQ4_K;
}

std::vector<std::int64_t> some_ids() {
  std::vector<std::int64_t> ids;
  for (std::int64_t i = 0; i < 50; ++i) ids.push_back((i * 17 + i / 7) % 40);
  return ids;
}

// Nothing is rounded, so nothing differs: neither weights nor what is made of them.
TEST_F(StoredModel, IsThatOfFloat32ToTheBitInFewerBytes) {
  const auto each = [](WeightForm form) { return [form](const std::string&) { return form; }; };
  std::vector<std::function<WeightForm(const std::string&)>> cases = {mixed_form};
  for (const WeightForm form : block_forms()) cases.emplace_back(each(form));
  cases.emplace_back(each(WeightForm::kFloat16));
  cases.emplace_back(each(WeightForm::kFloat32));
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(i);
    write(cases[i]);
    const auto stored = load(WeightDtype::kStored);
    const auto exact = load(WeightDtype::kFloat32);
    EXPECT_TRUE(at::equal(stored->embedding().widened(), exact->embedding().widened()));
    for (std::int64_t l = 0; l < 2; ++l) {
      const LayerWeights& a = stored->layer(l);
      const LayerWeights& b = exact->layer(l);
      EXPECT_TRUE(at::equal(a.qkv.weight.widened(), b.qkv.weight.widened()));
      EXPECT_TRUE(at::equal(a.gate_up.weight.widened(), b.gate_up.weight.widened()));
      EXPECT_TRUE(at::equal(a.down.weight.widened(), b.down.weight.widened()));
      EXPECT_TRUE(
          at::equal(a.attention_output.weight.widened(), b.attention_output.weight.widened()));
    }
    const std::vector<double> nll = run_dense(*exact, some_ids()).nll_nats;
    EXPECT_EQ(run_dense(*stored, some_ids()).nll_nats, nll);
    EXPECT_TRUE(std::isfinite(nll.back()));
    // Of all weights, norms are 2.5 KB of float32 in both.
    const std::int64_t norms = 5 * 256 * 4;
    const WeightForm form = cases[i]("attn_q");
    if (i > 0) {
      EXPECT_EQ(stored->weight_bytes() - norms,
                row_bytes(form, exact->weight_bytes() / 4 - norms / 4));
    }
  }
}

TEST_F(StoredModel, KeepsRowsOfOneFormTogether) {
  write(mixed_form);
  const auto model = load(WeightDtype::kStored);
  std::vector<WeightForm> forms;
  for (const WeightRun& run : model->layer(1).qkv.weight.runs()) forms.push_back(run.form);
  EXPECT_EQ(forms,
            (std::vector<WeightForm>{WeightForm::kQ4_K, WeightForm::kQ8_0, WeightForm::kQ6_K}));
  write([](const std::string&) { return WeightForm::kQ4_K; });
  EXPECT_EQ(load(WeightDtype::kStored)->layer(1).qkv.weight.runs().size(), 1U);
}

TEST_F(StoredModel, RefusesTypesThatAreNotKeptByName) {
  write(mixed_form);
  std::string bytes = read_file(file());
  // The type follows the name, the number of extents and two of them.
  const std::string name = "blk.1.attn_k.weight";
  const std::uint32_t q5_1 = kGgufQ5_1;
  const std::size_t at = bytes.find(name) + name.size() + 4 + 16;
  // Q5_1 takes 24 bytes a block: less than Q8_0, of which the rest is not looked at.
  std::memcpy(&bytes[at], &q5_1, sizeof(q5_1));
  write_file(file(), bytes);
  const Problem problem = problem_of([&] { load(WeightDtype::kStored); });
  EXPECT_EQ(problem.what, "a tensor cannot be kept as it is stored");
  EXPECT_TRUE(has(problem.where, name)) << problem.where;
  EXPECT_EQ(problem.expected, "F32, BF16, F16, Q8_0, Q4_0, Q4_1, Q4_K, Q6_K");
  EXPECT_EQ(problem.got, "Q5_1 [128, 256]");
}

TEST(StoredSafetensors, AreHeldInTheirOwnDtype) {
  const ScratchFolder folder;
  for (const std::string dtype : {"F32", "F16", "BF16"}) {
    SCOPED_TRACE(dtype);
    TinyShape shape;
    shape.dtype = dtype;
    write_model(folder.path(), shape, random_weights(shape, RandomKey(7)));
    LoadOptions options;
    options.dtype = WeightDtype::kStored;
    const auto stored = Model::load(model_in(folder.path()), options);
    const auto exact = Model::load(model_in(folder.path()));
    const WeightRun& run = stored->layer(0).qkv.weight.runs().at(0);
    EXPECT_EQ(to_string(run.form), dtype);
    EXPECT_TRUE(
        at::equal(stored->layer(0).qkv.weight.widened(), exact->layer(0).qkv.weight.widened()));
    EXPECT_EQ(stored->layer(0).attention_norm.weight.scalar_type(), at::kFloat);
  }
}

}  // namespace
}  // namespace pressroom::weight_test
