// A model out of its files: the device it lies on, and its tensors put together by its description.
#include <c10/core/impl/DeviceGuardImplInterface.h>

#include <algorithm>
#include <utility>

#include "model/model.h"
#include "pressroom/error.h"
#include "weights/weight_source.h"

namespace pressroom {
namespace {

constexpr const char* kAccelerator = "cuda";

// Of "cuda:3" the 3, of "cuda" the 0; -1 for what names no accelerator.
int index_in(const std::string& name) {
  const std::string prefix = kAccelerator;
  if (name == prefix) return 0;
  const std::string digits = name.size() > prefix.size() ? name.substr(prefix.size() + 1) : "";
  // Two digits at most: an index is held in an int8.
  const bool is_number =
      !digits.empty() && digits.size() <= 2 &&
      std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  return is_number && name.rfind(prefix + ":", 0) == 0 ? std::stoi(digits) : -1;
}

// 0 where libtorch was built without them.
int accelerators() {
  if (!c10::impl::hasDeviceGuardImpl(at::kCUDA)) return 0;
  return c10::impl::getDeviceGuardImpl(at::kCUDA)->deviceCount();
}

std::string in_layer(const std::string& pattern, std::int64_t layer) {
  std::string name = pattern;
  return name.replace(name.find("{}"), 2, std::to_string(layer));
}

}  // namespace

at::Device device_named(const std::string& name) {
  if (name == "cpu") return at::kCPU;
  const int index = index_in(name);
  if (index < 0) {
    throw Error({"there is no such device", "device", "cpu, cuda or cuda:N", name, ""});
  }
  if (index >= accelerators()) {
    const bool is_built_in = c10::impl::hasDeviceGuardImpl(at::kCUDA);
    throw Error({"the device is not there", "device " + name,
                 "a libtorch with CUDA, and a GPU that it can use",
                 is_built_in ? std::to_string(accelerators()) + " GPUs" : "a libtorch without CUDA",
                 "use device: cpu, or build against a libtorch with CUDA"});
  }
  return at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(index));
}

// Asks for every tensor of a model, by its description.
class ModelBuilder {
 public:
  // `model` has its description; everything is borrowed.
  ModelBuilder(Model& model, WeightLoader& loader)
      : model_(model), description_(model.description_), loader_(loader) {}

  // Asks the loader for every tensor of the model. Throws Error for one that is missing.
  void build();

 private:
  using Parts = std::vector<std::pair<std::string, std::int64_t>>;  // tensor name, rows

  // Names of what the file may hold beside the weights.
  std::vector<std::string> buffers() const;
  LayerWeights layer(std::int64_t index);
  Linear linear(const Parts& parts, std::int64_t columns, bool has_bias);
  Linear qkv(std::int64_t index);
  Linear fused_qkv(const std::string& name);
  Norm norm(const std::string& name);
  at::Tensor head_norm(const std::string& pattern, std::int64_t index);

  Model& model_;
  const ModelDescription& description_;
  WeightLoader& loader_;
};

void ModelBuilder::build() {
  const ModelFacts& facts = description_.facts;
  const TensorNames& names = description_.tensors;
  const std::vector<std::int64_t> table = {facts.vocabulary, facts.hidden_size};
  model_.embedding_ = loader_.weight({{names.embedding + ".weight", table}});
  if (description_.tied_embeddings) {
    // Some files repeat the embedding as the output head.
    loader_.expect_copy(names.output_head + ".weight", names.embedding + ".weight");
    model_.output_head_ = model_.embedding_;
  } else {
    model_.output_head_ = loader_.weight({{names.output_head + ".weight", table}});
  }
  model_.final_norm_ = norm(names.final_norm);
  for (std::int64_t index = 0; index < facts.layers; ++index) {
    model_.layers_.push_back(layer(index));
  }
  loader_.check_nothing_left(buffers());
}

std::vector<std::string> ModelBuilder::buffers() const {
  std::vector<std::string> names;
  for (const std::string& pattern : description_.tensors.buffers) {
    const bool of_layers = pattern.find("{}") != pattern.npos;
    for (std::int64_t index = 0; index < (of_layers ? description_.facts.layers : 1); ++index) {
      names.push_back(of_layers ? in_layer(pattern, index) : pattern);
    }
  }
  // Became part of the rotary frequencies when the metadata was read.
  if (model_.files_.is_gguf()) names.emplace_back("rope_freqs.weight");
  return names;
}

LayerWeights ModelBuilder::layer(std::int64_t index) {
  const ModelFacts& facts = description_.facts;
  const TensorNames& names = description_.tensors;
  const std::int64_t width = facts.hidden_size;
  Parts up = {{in_layer(names.mlp_up, index), description_.mlp_size}};
  if (!names.mlp_gate.empty()) {
    // Gate before up: Model::mlp activates the first half of the product.
    up.insert(up.begin(), {in_layer(names.mlp_gate, index), description_.mlp_size});
  }
  LayerWeights layer;
  layer.attention_norm = norm(in_layer(names.attention_norm, index));
  layer.mlp_norm = norm(in_layer(names.mlp_norm, index));
  layer.qkv = qkv(index);
  layer.query_norm = head_norm(names.query_norm, index);
  layer.key_norm = head_norm(names.key_norm, index);
  layer.attention_output = linear({{in_layer(names.attention_output, index), width}},
                                  facts.query_heads * facts.head_dim, description_.output_bias);
  layer.gate_up = linear(up, width, description_.mlp_bias);
  layer.down = linear({{in_layer(names.mlp_down, index), width}}, description_.mlp_size,
                      description_.mlp_bias);
  return layer;
}

Linear ModelBuilder::linear(const Parts& parts, std::int64_t columns, bool has_bias) {
  std::vector<NamedRows> weights;
  std::vector<NamedRows> biases;
  for (const auto& [name, rows] : parts) {
    weights.push_back({name + ".weight", {rows, columns}});
    biases.push_back({name + ".bias", {rows}});
  }
  return {loader_.weight(weights), has_bias ? loader_.vector(biases) : at::Tensor()};
}

Linear ModelBuilder::qkv(std::int64_t index) {
  const ModelFacts& facts = description_.facts;
  const TensorNames& names = description_.tensors;
  if (!names.fused_qkv.empty()) return fused_qkv(in_layer(names.fused_qkv, index));
  return linear({{in_layer(names.query, index), facts.query_heads * facts.head_dim},
                 {in_layer(names.key, index), facts.kv_heads * facts.head_dim},
                 {in_layer(names.value, index), facts.kv_heads * facts.head_dim}},
                facts.hidden_size, description_.qkv_bias);
}

// Rows of the file: q, k and v of head 0, of head 1, ...; rows of the model: all q, all k, all v.
Linear ModelBuilder::fused_qkv(const std::string& name) {
  const ModelFacts& facts = description_.facts;
  const std::int64_t d = facts.head_dim;
  const std::int64_t rows = 3 * facts.query_heads * d;
  std::vector<NamedRows> weights;
  std::vector<NamedRows> biases;
  for (std::int64_t part = 0; part < 3; ++part) {
    for (std::int64_t head = 0; head < facts.query_heads; ++head) {
      const std::int64_t first = (3 * head + part) * d;
      weights.push_back({name + ".weight", {rows, facts.hidden_size}, first, d});
      biases.push_back({name + ".bias", {rows}, first, d});
    }
  }
  return {loader_.weight(weights), description_.qkv_bias ? loader_.vector(biases) : at::Tensor()};
}

Norm ModelBuilder::norm(const std::string& name) {
  const std::vector<std::int64_t> shape = {description_.facts.hidden_size};
  const bool has_bias = description_.norm == NormKind::kLayer;
  return {loader_.vector({{name + ".weight", shape}}),
          has_bias ? loader_.vector({{name + ".bias", shape}}) : at::Tensor()};
}

at::Tensor ModelBuilder::head_norm(const std::string& pattern, std::int64_t index) {
  if (pattern.empty()) return {};
  return loader_.vector({{in_layer(pattern, index) + ".weight", {description_.facts.head_dim}}});
}

std::unique_ptr<Model> Model::load(const ModelFiles& files, const LoadOptions& options) {
  const at::Device device = device_named(options.device);
  std::unique_ptr<Model> model(new Model());
  model->files_ = files;
  model->description_ = read_description(files);
  model->dtype_ = options.dtype;
  const std::unique_ptr<WeightSource> source = open_weights(files);
  WeightLoader loader(*source, options.dtype, device);
  ModelBuilder(*model, loader).build();
  model->weight_bytes_ = loader.bytes();
  loader.load(options.threads, options.progress);
  return model;
}

}  // namespace pressroom
