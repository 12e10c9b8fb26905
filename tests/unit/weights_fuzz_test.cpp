// Ten thousand damaged files of each weight format: every one is refused with an Error or can be
// read to its last element, and none makes its reader take more memory than fits its size.
#include "counted_memory.h"
#include "damager.h"
#include "gguf/gguf_blocks.h"
#include "gguf/gguf_model.h"
#include "gguf_builder.h"
#include "stream_test_support.h"
#include "weights/safetensors.h"
#include "weights/weight_source.h"

namespace pressroom::weights_fuzz_test {
namespace {

constexpr int kFiles = 10000;
// A table of short names in memory takes many times its bytes in the file; an announcement that is
// believed takes as much as it likes.
constexpr std::size_t kMemoryPerByte = 60;
constexpr std::size_t kMemoryForMessages = 4000;
// Disks are slow: so many headers that are read out of memory for one that becomes a file, too.
constexpr int kOpenedPerFile = 8;

struct Outcome {
  int opened = 0;
  int refused = 0;
};

// Opens what `open` opens, and says whether it did; anything but an Error is a failure.
template <typename Open>
bool opens(const std::string& file, Outcome& outcome, const Open& open) {
  const std::size_t before = memory_asked_for();
  bool opened = false;
  try {
    open();
    opened = true;
  } catch (const Error&) {
  }
  EXPECT_LE(memory_asked_for() - before, kMemoryPerByte * file.size() + kMemoryForMessages);
  ++(opened ? outcome.opened : outcome.refused);
  return opened;
}

void expect_both(const Outcome& outcome) {
  EXPECT_GT(outcome.opened, kFiles / 100);
  EXPECT_GT(outcome.refused, kFiles / 2);
}

TEST(WeightsFuzz, CountsWhatIsAskedFor) {
  const std::size_t before = memory_asked_for();
  const std::vector<char> memory(12345);
  EXPECT_GE(memory_asked_for() - before, memory.size());
}

TEST(WeightsFuzz, DamagedSafetensorsAreRefusedOrRead) {
  const std::string header =
      R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},)"
      R"("b":{"dtype":"F16","shape":[4],"data_offsets":[24,32]},)"
      R"("c":{"dtype":"BF16","shape":[1,2,2],"data_offsets":[32,40]}})";
  const std::string whole = safetensors_bytes(header, std::string(40, '\1'));
  Damager damager(1);
  Outcome outcome;
  for (int i = 0; i < kFiles; ++i) {
    const std::string file = damager.damaged(whole, header.size() + 8);
    SCOPED_TRACE(testing::Message() << "file " << i);
    std::map<std::string, SafetensorsEntry> tensors;
    if (!opens(file, outcome, [&] { tensors = parse_safetensors(file, "file"); })) continue;
    for (const auto& [name, tensor] : tensors) {
      const std::int64_t size = safetensors_element_bytes(tensor.dtype);
      if (size == 0) continue;
      std::vector<float> values(tensor.bytes.size() / static_cast<std::size_t>(size));
      const std::int64_t elements = row_count(tensor.shape) * row_elements(tensor.shape);
      ASSERT_EQ(elements, static_cast<std::int64_t>(values.size()));
      widen_elements(tensor, 0, elements, values.data());
    }
  }
  expect_both(outcome);
}

std::string whole_gguf() {
  GgufBuilder gguf;
  gguf.text("general.architecture", "llama").whole("llama.context_length", 8);
  gguf.whole("llama.embedding_length", 32).whole("llama.block_count", 1);
  gguf.whole("llama.feed_forward_length", 8).whole("llama.attention.head_count", 4);
  gguf.number("llama.attention.layer_norm_rms_epsilon", 0.5F);
  gguf.pair("tokens", 9, little_endian(8U) + little_endian(2ULL) + gguf_text("a") + gguf_text("b"));
  gguf.pair("types", 9, little_endian(5U) + little_endian(2ULL) + "12345678");
  gguf.tensor("token_embd.weight", kGgufQ4_1, {2, 32}, std::string(40, '\1'));
  gguf.tensor("blk.0.attn_q.weight", kGgufQ8_0, {32, 32}, std::string(1088, '\1'));
  gguf.tensor("rope_freqs.weight", kGgufF32, {4}, std::string(16, '\1'));
  gguf.tensor("output_norm.weight", kGgufF16, {32}, std::string(64, '\1'));
  gguf.tensor("output.weight", kGgufQ6_K, {1, 256}, std::string(210, '\1'));
  return gguf.bytes();
}

void read_all(const GgufTensor& tensor) {
  const std::int64_t block = gguf_block_elements(tensor.type);
  if (block == 0) return;  // a type that is not supported
  const auto bytes = static_cast<std::int64_t>(tensor.bytes.size());
  const std::int64_t elements = bytes / gguf_block_bytes(tensor.type) * block;
  ASSERT_EQ(elements, row_count(tensor.shape) * row_elements(tensor.shape));
  std::vector<float> values(static_cast<std::size_t>(elements));
  dequantise_part(tensor, 0, elements, values.data());
}

// All rows of all tensors that can be read.
void read_all(const WeightSource& weights) {
  for (const std::string& name : weights.names()) {
    const std::vector<std::int64_t>& shape = weights.shape(name);
    if (row_count(shape) == 0 || row_elements(shape) > 4096) continue;
    std::vector<float> row(static_cast<std::size_t>(row_elements(shape)));
    for (std::int64_t i = 0; i < row_count(shape); ++i) {
      try {
        weights.read_rows(name, i, 1, row.data());
      } catch (const Error&) {
        break;  // an element type that is not supported
      }
    }
  }
}

TEST(WeightsFuzz, DamagedGgufFilesAreRefusedOrRead) {
  const ScratchFolder folder;
  const std::filesystem::path path = folder.path() / "model.gguf";
  const std::string whole = whole_gguf();
  const std::size_t header = whole.find(std::string(40, '\1'));
  Damager damager(2);
  Outcome outcome;
  for (int i = 0; i < kFiles; ++i) {
    const std::string file = damager.damaged(whole, header);
    SCOPED_TRACE(testing::Message() << "file " << i);
    GgufHeader read;
    if (!opens(file, outcome, [&] { read = parse_gguf(file, "file"); })) continue;
    for (const auto& [name, tensor] : read.tensors) read_all(tensor);
    if (outcome.opened % kOpenedPerFile != 0) continue;
    write_file(path, file);
    Outcome beyond;
    opens(file, beyond, [&] { gguf_config(GgufFile(path)); });
    opens(file, beyond, [&] { read_all(*open_gguf_weights(path)); });
  }
  expect_both(outcome);
}

}  // namespace
}  // namespace pressroom::weights_fuzz_test
