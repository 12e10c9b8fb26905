#include "train/starter/llama_net.h"

#include <c10/core/GradMode.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/whole_file.h"
#include "pressroom/error.h"
#include "train/starter/counter_rng.h"
#include "train/starter/fused_ops.h"
#include "weights/safetensors_text.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

// Queries are taken in chunks that see only the keys up to their own end, which saves almost half
// of the score matrix.
constexpr std::int64_t kQueryChunk = 128;

std::int64_t product(const std::vector<std::int64_t>& shape) {
  std::int64_t n = 1;
  for (const std::int64_t size : shape) n *= size;
  return n;
}

// Additive mask [group * chunk, keys] for the last `chunk` of `keys` positions.
at::Tensor causal_mask(std::int64_t group, std::int64_t chunk, std::int64_t keys) {
  const double minus_infinity = -std::numeric_limits<double>::infinity();
  const at::Tensor mask = at::full({chunk, keys}, minus_infinity).triu_(keys - chunk + 1);
  return mask.repeat({group, 1});
}

std::string safetensors(const LlamaNet& net) {
  const at::Tensor half = net.parameters().to(at::kHalf).contiguous();
  Json header = {{"__metadata__", {{"format", "pt"}}}};
  for (const ParameterSlice& slice : net.slices()) {
    const std::int64_t end = slice.offset + product(slice.shape);
    header[slice.name] = {
        {"dtype", "F16"}, {"shape", slice.shape}, {"data_offsets", {2 * slice.offset, 2 * end}}};
  }
  return safetensors_text(header, {static_cast<const char*>(half.data_ptr()), half.nbytes()});
}

std::string config(const LlamaShape& shape) {
  const Json json = {{"architectures", {"LlamaForCausalLM"}},
                     {"model_type", "llama"},
                     {"hidden_size", shape.hidden_size},
                     {"intermediate_size", shape.intermediate_size},
                     {"num_hidden_layers", shape.layers},
                     {"num_attention_heads", shape.heads},
                     {"num_key_value_heads", shape.kv_heads},
                     {"head_dim", shape.head_dim},
                     {"rms_norm_eps", shape.rms_norm_eps},
                     {"rope_theta", shape.rope_theta},
                     {"max_position_embeddings", shape.context},
                     {"vocab_size", shape.vocabulary_size},
                     {"tie_word_embeddings", true},
                     {"attention_bias", false},
                     {"mlp_bias", false},
                     {"hidden_act", "silu"},
                     {"bos_token_id", nullptr},
                     {"eos_token_id", nullptr},
                     {"torch_dtype", "float16"}};
  return json.dump(2) + "\n";
}

}  // namespace

LlamaNet::LlamaNet(const LlamaShape& shape, std::uint64_t seed) : LlamaNet(shape, at::Tensor()) {
  initialise(seed);
}

LlamaNet LlamaNet::replica() const { return LlamaNet(shape_, parameters_); }

// Without parameters given, new ones (zeros) are made.
LlamaNet::LlamaNet(const LlamaShape& shape, const at::Tensor& parameters)
    : shape_(shape), parameters_(parameters) {
  PRESSROOM_ASSERT(shape.heads % shape.kv_heads == 0 && shape.head_dim % 2 == 0);
  name_slices();
  make_leaves();
  const at::Tensor exponent = at::arange(0, shape.head_dim, 2, at::kDouble) / shape.head_dim;
  const at::Tensor frequency = at::pow(at::scalar_tensor(shape.rope_theta, at::kDouble), -exponent);
  const at::Tensor angle = at::outer(at::arange(shape.context, at::kDouble), frequency);
  rope_cos_ = angle.cos().to(at::kFloat);
  rope_sin_ = angle.sin().to(at::kFloat);
}

void LlamaNet::name_slices() {
  const std::int64_t d = shape_.hidden_size, q = shape_.heads * shape_.head_dim;
  const std::int64_t kv = shape_.kv_heads * shape_.head_dim, f = shape_.intermediate_size;
  std::int64_t end = 0;
  const auto add = [&](const std::string& name, std::vector<std::int64_t> shape) {
    slices_.push_back({name, end, shape});
    end += product(shape);
  };
  const auto prefix = [](std::int64_t l) { return "model.layers." + std::to_string(l) + "."; };
  add("model.embed_tokens.weight", {shape_.vocabulary_size, d});
  for (std::int64_t l = 0; l < shape_.layers; ++l) {
    add(prefix(l) + "self_attn.q_proj.weight", {q, d});
    add(prefix(l) + "self_attn.k_proj.weight", {kv, d});
    add(prefix(l) + "self_attn.v_proj.weight", {kv, d});
    add(prefix(l) + "self_attn.o_proj.weight", {d, q});
    add(prefix(l) + "mlp.gate_proj.weight", {f, d});
    add(prefix(l) + "mlp.up_proj.weight", {f, d});
    add(prefix(l) + "mlp.down_proj.weight", {d, f});
  }
  matrix_parameters_ = end;
  for (std::int64_t l = 0; l < shape_.layers; ++l) {
    add(prefix(l) + "input_layernorm.weight", {d});
    add(prefix(l) + "post_attention_layernorm.weight", {d});
  }
  add("model.norm.weight", {d});
  if (!parameters_.defined()) parameters_ = at::zeros({end});
  gradients_ = at::zeros({end});
}

void LlamaNet::make_leaves() {
  const std::int64_t d = shape_.hidden_size, q = shape_.heads * shape_.head_dim;
  const std::int64_t kv = shape_.kv_heads * shape_.head_dim, f = shape_.intermediate_size;
  // q, k and v lie one after the other, as do gate and up: one product computes them together.
  std::int64_t offset = 0;
  embedding_ = leaf(&offset, {shape_.vocabulary_size, d});
  for (std::int64_t l = 0; l < shape_.layers; ++l) {
    Layer layer;
    layer.qkv = leaf(&offset, {q + 2 * kv, d});
    layer.out = leaf(&offset, {d, q});
    layer.gate_up = leaf(&offset, {2 * f, d});
    layer.down = leaf(&offset, {d, f});
    layers_.push_back(layer);
  }
  for (Layer& layer : layers_) {
    layer.norm_attention = leaf(&offset, {d});
    layer.norm_mlp = leaf(&offset, {d});
  }
  norm_final_ = leaf(&offset, {d});
  PRESSROOM_ASSERT(offset == parameters_.numel());
}

// A leaf of the gradient graph that shares memory with the flat vectors.
at::Tensor LlamaNet::leaf(std::int64_t* offset, std::vector<std::int64_t> shape) {
  const std::int64_t size = product(shape);
  at::Tensor tensor = parameters_.narrow(0, *offset, size).view(shape).detach();
  tensor.requires_grad_(true);
  tensor.mutable_grad() = gradients_.narrow(0, *offset, size).view(shape);
  *offset += size;
  return tensor;
}

void LlamaNet::initialise(std::uint64_t seed) {
  float* values = parameters_.data_ptr<float>();
  for (std::size_t s = 0; s < slices_.size(); ++s) {
    const ParameterSlice& slice = slices_[s];
    const bool is_norm = slice.shape.size() == 1;
    const bool is_residual = slice.name.find("o_proj") != std::string::npos ||
                             slice.name.find("down_proj") != std::string::npos;
    const double depth = 2.0 * static_cast<double>(shape_.layers);
    // Two products a layer are added to the residual stream: its variance is not to grow with
    // depth.
    const double shrink = is_residual ? 1.0 / std::sqrt(depth) : 1.0;
    const auto inputs = static_cast<double>(slice.shape.back());
    const double deviation = s == 0 ? 0.02 : shrink / std::sqrt(inputs);
    CounterRng rng(seed, hash_stream("initialise", s));
    for (std::int64_t i = 0; i < product(slice.shape); ++i) {
      values[slice.offset + i] = is_norm ? 1.0f : static_cast<float>(deviation * rng.normal());
    }
  }
}

at::Tensor LlamaNet::attention(const Layer& layer, const at::Tensor& x, std::int64_t batch,
                               std::int64_t length) const {
  const std::int64_t kv = shape_.kv_heads, group = shape_.heads / kv, dim = shape_.head_dim;
  const at::Tensor qkv =
      rotate(at::linear(x, layer.qkv), rope_cos_, rope_sin_, length, shape_.heads + kv);
  const std::vector<at::Tensor> parts =
      qkv.split_with_sizes({shape_.heads * dim, kv * dim, kv * dim}, 1);
  const auto kv_head_first = [&](const at::Tensor& x) {
    return x.view({batch, length, kv, -1, dim}).permute({0, 2, 3, 1, 4});
  };
  const at::Tensor q = kv_head_first(parts[0]) * (1.0 / std::sqrt(static_cast<double>(dim)));
  const at::Tensor k = kv_head_first(parts[1]).reshape({batch * kv, length, dim}).transpose(1, 2);
  const at::Tensor v = kv_head_first(parts[2]).reshape({batch * kv, length, dim});
  std::vector<at::Tensor> chunks;
  for (std::int64_t begin = 0; begin < length; begin += kQueryChunk) {
    const std::int64_t size = std::min(kQueryChunk, length - begin), seen = begin + size;
    const at::Tensor queries = q.narrow(3, begin, size).reshape({batch * kv, group * size, dim});
    const at::Tensor scores =
        at::baddbmm(causal_mask(group, size, seen), queries, k.narrow(2, 0, seen));
    const at::Tensor mixed = at::bmm(at::softmax(scores, -1), v.narrow(1, 0, seen));
    chunks.push_back(mixed.view({batch, kv, group, size, dim}).permute({0, 3, 1, 2, 4}));
  }
  const at::Tensor mixed = at::cat(chunks, 1).reshape({batch * length, shape_.heads * dim});
  return at::linear(mixed, layer.out);
}

at::Tensor LlamaNet::logits(const at::Tensor& ids) const {
  const std::int64_t batch = ids.size(0), length = ids.size(1);
  PRESSROOM_ASSERT(length >= 1 && length <= shape_.context);
  at::Tensor x = at::embedding(embedding_, ids.reshape({-1}));
  for (const Layer& layer : layers_) {
    const at::Tensor h = rms_norm(x, layer.norm_attention, shape_.rms_norm_eps);
    x = x + attention(layer, h, batch, length);
    const at::Tensor gate_up =
        at::linear(rms_norm(x, layer.norm_mlp, shape_.rms_norm_eps), layer.gate_up);
    const std::vector<at::Tensor> halves = gate_up.chunk(2, 1);
    x = x + at::linear(at::silu(halves[0]) * halves[1], layer.down);
  }
  return at::linear(rms_norm(x, norm_final_, shape_.rms_norm_eps), embedding_);
}

at::Tensor LlamaNet::loss(const at::Tensor& ids, const at::Tensor& weights) const {
  const std::int64_t length = ids.size(1) - 1;
  const at::Tensor scores = at::log_softmax(logits(ids.narrow(1, 0, length)), 1);
  const at::Tensor nll =
      at::nll_loss(scores, ids.narrow(1, 1, length).reshape({-1}), {}, at::Reduction::None);
  return at::dot(nll, weights.reshape({-1}));
}

at::Tensor LlamaNet::target_nll(const at::Tensor& ids) const {
  const c10::NoGradGuard no_gradient;
  const std::int64_t length = ids.size(1) - 1;
  const at::Tensor scores = at::log_softmax(logits(ids.narrow(1, 0, length)), 1);
  const at::Tensor nll =
      at::nll_loss(scores, ids.narrow(1, 1, length).reshape({-1}), {}, at::Reduction::None);
  return nll.view({ids.size(0), length});
}

void export_model(const LlamaNet& net, const std::filesystem::path& directory) {
  write_file_atomically(directory / "model.safetensors", safetensors(net));
  write_file_atomically(directory / "config.json", config(net.shape()));
}

}  // namespace pressroom
