#include "engine/step_pass.h"

#include <ATen/ATen.h>

#include "pressroom/error.h"

namespace pressroom {
namespace {

// Tokens begin .. end - 1 of `all`, with idle rows of token 0 up to a height that a general product
// takes alike in every document.
std::vector<std::int64_t> block_of(const std::vector<std::int64_t>& all, std::int64_t begin,
                                   std::int64_t end) {
  std::vector<std::int64_t> ids(all.begin() + begin, all.begin() + end);
  ids.resize(static_cast<std::size_t>(rounded_up(end - begin)), 0);
  return ids;
}

}  // namespace

StepPass::StepPass(const Model& model, const LayerSetup& setup, std::int64_t most_sequences)
    : model_(model), setup_(setup) {
  if (!model.device().is_cpu()) return;
  pass_.emplace(model, most_sequences);
  const std::int64_t width = setup.model.query_heads * setup.model.head_dim;
  attention_.resize(static_cast<std::size_t>(most_sequences * width));
}

at::Tensor StepPass::feed_block(const FedSequence& fed) {
  return through_layers({fed}, block_of(fed.caches->document().ids, fed.step.begin, fed.step.end));
}

at::Tensor StepPass::first_rows(const std::vector<std::int64_t>& ids) const {
  const at::Tensor x = model_.embed(at::tensor(ids, at::kLong));
  return model_.qkv(0, model_.attention_input(0, x)).to(at::kCPU).contiguous();
}

void StepPass::settle_first_layer(SequenceCaches& caches, std::int64_t prompt) const {
  const std::vector<std::int64_t>& ids = caches.document().ids;
  at::Tensor rows = first_rows(block_of(ids, 0, prompt));
  caches.settle_first_layer(ids.data(), prompt, rows.data_ptr<float>());
  if (pass_) return;  // single rows are alike as they are, and are not noted
  for (auto i = static_cast<std::size_t>(prompt); i < ids.size(); ++i) {
    rows = first_rows({ids[i]});
    caches.settle_first_layer(&ids[i], 1, rows.data_ptr<float>());
  }
}

void StepPass::feed_tokens(const std::vector<FedSequence>& fed) {
  ids_.clear();
  for (const FedSequence& one : fed) {
    ids_.push_back(one.caches->document().ids[static_cast<std::size_t>(one.step.begin)]);
  }
  logits_ = nullptr;
  if (!pass_) {
    rows_ = through_layers(fed, ids_);
    return;
  }
  pass_->embed(ids_);
  for (std::int64_t layer = 0; layer < setup_.model.layers; ++layer) {
    const float* inputs = pass_->attention_input(layer);
    attend(layer, fed, {pass_->qkv(layer), inputs, attention_.data(), true});
    pass_->finish_layer(layer, attention_.data());
  }
}

const float* StepPass::logits() {
  if (logits_ != nullptr) return logits_;
  if (pass_) return logits_ = pass_->logits();
  made_logits_ = model_.logits(rows_).to(at::kCPU).contiguous();
  return logits_ = made_logits_.data_ptr<float>();
}

at::Tensor StepPass::hidden() const {
  if (!pass_) return rows_.to(at::kCPU);
  return at::from_blob(const_cast<float*>(pass_->rows()),
                       {pass_->count(), setup_.model.hidden_size}, at::kFloat);
}

// By the model's own pieces, wherever it computes; caches and policies live in host memory.
at::Tensor StepPass::through_layers(const std::vector<FedSequence>& fed,
                                    const std::vector<std::int64_t>& ids) {
  at::Tensor x = model_.embed(at::tensor(ids, at::kLong));
  const std::int64_t width = setup_.model.query_heads * setup_.model.head_dim;
  for (std::int64_t layer = 0; layer < setup_.model.layers; ++layer) {
    const at::Tensor computed = model_.attention_input(layer, x);
    const at::Tensor qkv = model_.qkv(layer, computed).to(at::kCPU).contiguous();
    const at::Tensor input = computed.to(at::kCPU);
    at::Tensor attention = at::zeros({x.size(0), width}, at::kFloat);
    attend(layer, fed,
           {qkv.data_ptr<float>(), input.data_ptr<float>(), attention.data_ptr<float>()});
    x = model_.finish_layer(layer, x, attention.to(x.device()));
  }
  return x;
}

// `all`: the rows of all sequences, one after another.
void StepPass::attend(std::int64_t layer, const std::vector<FedSequence>& fed,
                      const StepRows& all) {
  const ModelFacts& facts = setup_.model;
  StepRows rows = all;
  for (const FedSequence& one : fed) {
    one.caches->attend(layer, one.step, rows, scratch_);
    const std::int64_t count = one.step.end - one.step.begin;
    rows.qkv += count * setup_.qkv_width();
    rows.inputs += count * facts.hidden_size;
    rows.attention += count * facts.query_heads * facts.head_dim;
  }
}

}  // namespace pressroom
