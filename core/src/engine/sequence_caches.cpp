#include "engine/sequence_caches.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <memory>

#include "engine/attention/sequential_kernel.h"
#include "engine/setup.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

// W_O in host memory, where a policy may ask for it.
at::Tensor projection_of(const Model& model, const EvictionPlan& plan, std::int64_t layer) {
  if (!plan.needs.output_projection) return {};
  return model.layer(layer).attention_output.weight.widened().to(at::kCPU);
}

}  // namespace

SequenceCaches::SequenceCaches(const Model& model, const LayerSetup& setup,
                               const RunSettings& settings, const Method& method,
                               const TokenDocument& document, std::int64_t tokens, bool is_evicted)
    : setup_(setup), document_(document), tokens_(tokens) {
  const HeadRange heads = {0, setup.model.kv_heads};
  for (std::int64_t layer = 0; layer < setup.model.layers; ++layer) {
    layers_.emplace_back(
        setup, LayerPlace{layer, heads, tokens, projection_of(model, setup.plan, layer), {}});
  }
  if (!is_evicted) return;
  // Shared by the evictions of all layers: they outlive this call, and make one more policy when
  // they first ask for birth scores.
  const auto policies = std::make_shared<PolicyMaker>(
      method, setup.model, settings, document, reconstruction_for(model, settings, document));
  for (std::int64_t layer = 0; layer < setup.model.layers; ++layer) {
    evictions_.emplace_back(setup, heads, [policies, layer] { return policies->make(layer); });
  }
}

void SequenceCaches::attend(std::int64_t layer, const FeedStep& step, const StepRows& rows,
                            AttentionScratch& scratch) {
  const std::int64_t count = step.end - step.begin;
  const std::int64_t* ids = document_.ids.data() + step.begin;
  // Before any copy is made of the rows: equal tokens must tie exactly.
  if (layer == 0) {
    // Those of a block are rounded in another way, and kept; single tokens need no more memory as
    // a sequence grows.
    const auto settle = rows.are_alike ? &DistinctTokens::reuse : &DistinctTokens::settle;
    (first_layer_.*settle)(ids, count, rows.qkv, setup_.qkv_width());
  }
  TokenRows tokens = {step.begin, count, ids, rows.qkv, rows.inputs};
  LayerState& state = layers_[layer];
  try {
    at::Tensor scores;  // holds what `tokens` borrows until they are fed
    // LayerState takes scores as they are given: replay makes those of a document in one call.
    if (asks_birth_scores(setup_.plan) && !evictions_.empty()) {
      scores = evictions_[layer].birth_scores(
          tokens, head_place(layer, 0) + ", step " + std::to_string(step.begin));
      tokens.birth_scores = scores.data_ptr<float>();
      tokens.birth_stride = count;
    }
    state.feed(tokens, rows.attention, scratch);
    if (step.evicts) evict(layer);
  } catch (const Error& error) {
    throw Error(in_document(error.problems(), document_.id));
  }
}

void SequenceCaches::begin_as(const SequenceCaches& other) {
  PRESSROOM_ASSERT(evictions_.empty());
  layers_.clear();
  for (const LayerState& layer : other.layers_) layers_.push_back(layer.fork(tokens_));
  first_layer_ = other.first_layer_;
}

void SequenceCaches::settle_first_layer(const std::int64_t* ids, std::int64_t count, float* qkv) {
  first_layer_.settle(ids, count, qkv, setup_.qkv_width());
}

bool SequenceCaches::policies_keep_state() const {
  return std::any_of(evictions_.begin(), evictions_.end(),
                     [](const LayerEviction& eviction) { return eviction.keeps_state(); });
}

std::int64_t SequenceCaches::beside_bytes() const {
  std::int64_t sum = first_layer_.bytes();
  for (const LayerState& layer : layers_) sum += layer.beside_bytes();
  return sum;
}

void SequenceCaches::evict(std::int64_t layer) {
  if (setup_.plan.share != Share::kModel) return evictions_[layer].act(layers_[layer]);
  // Where all layers hold the same entries the choice waits for the last of them: it is made by
  // means over what every layer has seen of this step.
  if (layer + 1 == setup_.model.layers) evictions_.front().act(layers_);
}

}  // namespace pressroom
