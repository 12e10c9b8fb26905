#include "gguf/gguf_model.h"

#include <cstring>
#include <map>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "gguf/gguf_architecture.h"
#include "gguf/gguf_blocks.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

using Json = nlohmann::json;

// The keys of one architecture: "llama.block_count" is "block_count" here.
class ArchitectureKeys {
 public:
  ArchitectureKeys(const GgufFile& file, std::string prefix)
      : file_(file), prefix_(std::move(prefix)) {}

  bool has(const std::string& key) const { return file_.has(prefix_ + key); }
  std::int64_t integer(const std::string& key) const { return file_.integer(prefix_ + key); }
  double number(const std::string& key) const { return file_.number(prefix_ + key); }
  const std::string& text(const std::string& key) const { return file_.text(prefix_ + key); }

  [[noreturn]] void refuse(const std::string& key, const std::string& expected,
                           const std::string& got) const {
    throw Error({"a model setting cannot be used", file_.path().string() + ": " + prefix_ + key,
                 expected, got, "choose another model"});
  }

 private:
  const GgufFile& file_;
  std::string prefix_;
};

bool has_tensor(const GgufFile& file, const char* name) { return file.tensors().count(name) > 0; }

void add_rope(const GgufFile& file, const ArchitectureKeys& keys, const GgufHeads& heads,
              Json& config) {
  config["rope_theta"] = keys.has("rope.freq_base") ? keys.number("rope.freq_base") : 10000.0;
  if (heads.rotated != heads.head_dim) {
    config["partial_rotary_factor"] =
        static_cast<double>(heads.rotated) / static_cast<double>(heads.head_dim);
  }
  std::string scaling = "none";
  if (keys.has("rope.scaling.type")) scaling = keys.text("rope.scaling.type");
  if (scaling == "linear") {
    config["rope_scaling"] = {{"rope_type", "linear"},
                              {"factor", keys.number("rope.scaling.factor")}};
  } else if (scaling != "none") {
    keys.refuse("rope.scaling.type", "none or linear", excerpt(scaling));
  } else if (keys.has("rope.scale_linear")) {
    // What files said before they had rope.scaling.
    config["rope_scaling"] = {{"rope_type", "linear"},
                              {"factor", keys.number("rope.scale_linear")}};
  }
  // Llama 3.1's scaling has no key: converters store what it divides each frequency by.
  const auto factors = file.tensors().find("rope_freqs.weight");
  if (factors == file.tensors().end()) return;
  const GgufTensor& tensor = factors->second;
  if (tensor.type != kGgufF32 || tensor.shape != std::vector<std::int64_t>{heads.rotated / 2}) {
    throw Error({"a tensor cannot be used", file.path().string() + ": rope_freqs.weight",
                 "F32 " + shape_text({heads.rotated / 2}),
                 gguf_type_name(tensor.type) + " " + shape_text(tensor.shape),
                 "get the file again, or convert the model again"});
  }
  std::vector<float> values(static_cast<std::size_t>(heads.rotated / 2));
  dequantise_part(tensor, 0, heads.rotated / 2, values.data());
  config["rope_frequency_factors"] = values;
}

void add_window(const ArchitectureKeys& keys, Json& config) {
  const std::string key = "attention.sliding_window";
  if (!keys.has(key) || keys.integer(key) <= 0) return;
  config["sliding_window"] = keys.integer(key);
  if (config["model_type"] != "llama") {
    // The file does not say which layers slide: all may.
    config["use_sliding_window"] = true;
    config["max_window_layers"] = 0;
    return;
  }
  // Llama with a window is Mistral, which has no biases.
  if (config["attention_bias"] == true || config["mlp_bias"] == true) {
    keys.refuse(key, "no window in a model with biases", config["sliding_window"].dump());
  }
  config["model_type"] = "mistral";
}

}  // namespace

Json gguf_config(const GgufFile& file) {
  const GgufArchitecture& architecture = architecture_of(file);
  const ArchitectureKeys keys(file, std::string(architecture.name) + ".");
  const GgufHeads heads = heads_of(file, architecture.name);
  const auto embedding = file.tensors().find("token_embd.weight");
  if (embedding == file.tensors().end() || embedding->second.shape.size() != 2) {
    throw Error({"a tensor is missing", file.path().string(), "\"token_embd.weight\", a table",
                 file.tensors().empty() ? "no tensors at all" : "no such tensor",
                 file.tensors().empty() ? "get the file with the weights: this one has none"
                                        : "get the file again"});
  }
  Json config = {
      {"model_type", architecture.name},
      {"hidden_size", keys.integer("embedding_length")},
      {"num_hidden_layers", keys.integer("block_count")},
      {"num_attention_heads", heads.query_heads},
      {"num_key_value_heads", heads.kv_heads},
      {"head_dim", heads.head_dim},
      {"intermediate_size", integer_of_layers(file, architecture.name, ".feed_forward_length")},
      {"vocab_size", embedding->second.shape[0]},
      {"max_position_embeddings", keys.integer("context_length")},
      {"rms_norm_eps", keys.number("attention.layer_norm_rms_epsilon")},
      // No keys say these three: the tensors that are there do.
      {"tie_word_embeddings", !has_tensor(file, "output.weight")},
      {"attention_bias", has_tensor(file, "blk.0.attn_q.bias")},
      {"mlp_bias", has_tensor(file, "blk.0.ffn_gate.bias")},
  };
  add_rope(file, keys, heads, config);
  add_window(keys, config);
  return config;
}

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
  std::string stored_type(const std::string& name) const override {
    return gguf_type_name(entry(name).tensor->type);
  }
  void read_stored_rows(const std::string& name, std::int64_t first, std::int64_t count,
                        void* out) const override;
  std::string place(const std::string& name) const override;

 private:
  struct Entry {
    std::string name;  // in the file
    const GgufTensor* tensor = nullptr;
    bool interleaved = false;
  };

  const Entry& entry(const std::string& name) const;
  std::int64_t stored_row(std::int64_t row) const;
  // Calls read(row, rows, at) for stretches of rows that lie together in the file, `at` rows from
  // `first`, and gives back what was read of it.
  template <class Read>
  void read_stretches(const Entry& stored, std::int64_t first, std::int64_t count,
                      const Read& read) const;
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
    // stored_row would lead out of a tensor with fewer rows.
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
  // Channels i and i + r/2, which are turned together, are 2i and 2i + 1 in the file.
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
  const std::int64_t width = row_elements(tensor.shape);
  read_stretches(stored, first, count, [&](std::int64_t row, std::int64_t rows, std::int64_t at) {
    dequantise_part(tensor, row * width, rows * width, out + at * width);
  });
}

void GgufWeights::read_stored_rows(const std::string& name, std::int64_t first, std::int64_t count,
                                   void* out) const {
  const Entry& stored = entry(name);
  const GgufTensor& tensor = *stored.tensor;
  if (count == 0) return;
  const auto width = tensor.bytes.size() / static_cast<std::size_t>(row_count(tensor.shape));
  read_stretches(stored, first, count, [&](std::int64_t row, std::int64_t rows, std::int64_t at) {
    std::memcpy(static_cast<char*>(out) + static_cast<std::size_t>(at) * width,
                tensor.bytes.data() + static_cast<std::size_t>(row) * width,
                static_cast<std::size_t>(rows) * width);
  });
}

template <class Read>
void GgufWeights::read_stretches(const Entry& stored, std::int64_t first, std::int64_t count,
                                 const Read& read) const {
  const GgufTensor& tensor = *stored.tensor;
  check_rows(tensor.shape, first, count);
  // release_rows divides by the number of rows, which may be 0 here.
  if (count == 0) return;
  if (!stored.interleaved) {
    read(first, count, 0);
    release_rows(tensor, first, count);
    return;
  }
  for (std::int64_t i = 0; i < count; ++i) read(stored_row(first + i), 1, i);
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
