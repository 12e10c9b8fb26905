#include "gguf/gguf_weights.h"

#include <map>

#include "base/strings.h"
#include "gguf/gguf_architecture.h"
#include "gguf/gguf_blocks.h"
#include "gguf/gguf_file.h"
#include "pressroom/error.h"
#include "weights/rows.h"
#include "weights/tensor_text.h"

namespace pressroom {
namespace {

class GgufWeights : public WeightSource {
 public:
  explicit GgufWeights(const std::filesystem::path& file);

  bool contains(const std::string& name) const override { return entries_.count(name) > 0; }
  std::vector<std::string> names() const override;
  const std::vector<std::int64_t>& shape(const std::string& name) const override {
    return entry(name).tensor->shape;
  }
  void read_rows(const std::string& name, std::int64_t first, std::int64_t count,
                 float* out) const override;
  std::string place(const std::string& name) const override;

 private:
  struct Entry {
    std::string name;  // in the file
    const GgufTensor* tensor = nullptr;
    bool interleaved = false;
  };

  const Entry& entry(const std::string& name) const;
  std::int64_t stored_row(std::int64_t row) const;
  void release_rows(const GgufTensor& tensor, std::int64_t first, std::int64_t count) const;

  GgufFile file_;
  GgufHeads heads_;
  std::map<std::string, Entry> entries_;  // by published name
};

GgufWeights::GgufWeights(const std::filesystem::path& file) : file_(file) {
  const GgufArchitecture& architecture = architecture_of(file_);
  heads_ = heads_of(file_, architecture.name);
  for (const auto& [name, tensor] : file_.tensors()) {
    Entry entry = {name, &tensor, false};
    const std::string published = published_name(name);
    const std::string stem = published.substr(0, published.rfind('.'));
    std::int64_t heads = 0;
    if (ends_with(stem, "self_attn.q_proj")) heads = heads_.query_heads;
    if (ends_with(stem, "self_attn.k_proj")) heads = heads_.kv_heads;
    entry.interleaved = architecture.interleaved && heads > 0;
    if (entry.interleaved && row_count(tensor.shape) != heads * heads_.head_dim) {
      throw Error({"a tensor does not fit the number of heads", file.string() + ": " + name,
                   std::to_string(heads * heads_.head_dim) + " rows", shape_text(tensor.shape),
                   "get the file again, or convert the model again"});
    }
    if (!entries_.emplace(published, entry).second) {
      throw Error({"two tensors have one meaning", file.string(), "one tensor for " + published,
                   entries_.at(published).name + " and " + name, "convert the model again"});
    }
  }
}

const GgufWeights::Entry& GgufWeights::entry(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) missing_tensor(*this, name);
  return found->second;
}

std::vector<std::string> GgufWeights::names() const {
  std::vector<std::string> names;
  for (const auto& entry : entries_) names.push_back(entry.first);
  return names;
}

std::string GgufWeights::place(const std::string& name) const {
  return file_.path().string() + (contains(name) ? ": " + entries_.at(name).name : "");
}

// Where the file holds row `row` of an interleaved tensor.
std::int64_t GgufWeights::stored_row(std::int64_t row) const {
  const std::int64_t channel = row % heads_.head_dim;
  if (channel >= heads_.rotated) return row;
  const std::int64_t pairs = heads_.rotated / 2;
  return row - channel + channel % pairs * 2 + channel / pairs;
}

void GgufWeights::release_rows(const GgufTensor& tensor, std::int64_t first,
                               std::int64_t count) const {
  const auto row_bytes = tensor.bytes.size() / static_cast<std::size_t>(row_count(tensor.shape));
  file_.release(tensor.bytes.substr(static_cast<std::size_t>(first) * row_bytes,
                                    static_cast<std::size_t>(count) * row_bytes));
}

void GgufWeights::read_rows(const std::string& name, std::int64_t first, std::int64_t count,
                            float* out) const {
  const Entry& stored = entry(name);
  const GgufTensor& tensor = *stored.tensor;
  if (gguf_block_elements(tensor.type) == 0) {
    throw Error({"a tensor has a type that is not supported", place(name), gguf_readable_types(),
                 gguf_type_name(tensor.type), "get a file with another quantisation"});
  }
  check_rows(tensor.shape, first, count);
  if (count == 0) return;
  const std::int64_t width = row_elements(tensor.shape);
  if (!stored.interleaved) {
    dequantise_part(tensor, first * width, count * width, out);
    release_rows(tensor, first, count);
    return;
  }
  for (std::int64_t i = 0; i < count; ++i) {
    dequantise_part(tensor, stored_row(first + i) * width, width, out + i * width);
  }
  // Rows change places within their heads alone.
  const std::int64_t begin = first / heads_.head_dim * heads_.head_dim;
  const std::int64_t last_head = (first + count - 1) / heads_.head_dim;
  release_rows(tensor, begin, (last_head + 1) * heads_.head_dim - begin);
}

}  // namespace

std::unique_ptr<WeightSource> open_gguf_weights(const std::filesystem::path& file) {
  return std::make_unique<GgufWeights>(file);
}

}  // namespace pressroom
