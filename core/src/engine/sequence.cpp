#include "engine/sequence.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <utility>

#include "engine/eviction/layer_state.h"
#include "engine/sequence_state.h"
#include "model/few_rows.h"
#include "parallel/parallel_for.h"
#include "pressroom/error.h"

namespace pressroom {

Sequence::Sequence(const Model& model, const Method& method, const RunSettings& settings,
                   std::string id, std::int64_t most_tokens) {
  require_product_room(settings.threads);
  state_ = std::make_unique<State>(model, method, settings, std::move(id), most_tokens);
}

Sequence::~Sequence() = default;

void Sequence::name_spans(std::vector<SpanTokens> spans) {
  PRESSROOM_ASSERT(!state_->caches);
  state_->document.spans = std::move(spans);
}

const float* Sequence::prefill(const std::vector<std::int64_t>& prompt) {
  State& state = *state_;
  state.check_whole();
  PRESSROOM_ASSERT(!state.caches);
  const auto count = static_cast<std::int64_t>(prompt.size());
  if (count == 0 || count > state.most_tokens) {
    throw Error({"the prompt has another length than can be fed", state.document.id,
                 "1 .. " + std::to_string(state.most_tokens) + " tokens", std::to_string(count),
                 ""});
  }
  for (std::int64_t i = 0; i < count; ++i) state.check_id(prompt[i], i);
  state.use_threads();
  const c10::InferenceMode no_gradients;
  state.document.ids.assign(prompt.begin(), prompt.end());
  state.set_prompt(count);
  state.caches.emplace(state.model, state.setup, state.settings, state.method, state.document,
                       state.most_tokens);
  state.is_in_step = true;
  const at::Tensor hidden = state.pass.feed_block({&*state.caches, state.schedule.steps.front()});
  const at::Tensor logits =
      state.model.logits(hidden.narrow(0, count - 1, 1)).to(at::kCPU).contiguous();
  const float* numbers = logits.data_ptr<float>();
  state.own_logits.assign(numbers, numbers + logits.numel());
  state.is_in_step = false;
  return state.logits = state.own_logits.data();
}

const float* Sequence::feed(std::int64_t id) {
  State& state = *state_;
  state.check_next(id);
  state.use_threads();
  const c10::InferenceMode no_gradients;
  state.fed.assign(1, state.next(id));
  state.pass.feed_tokens(state.fed);
  state.logits = state.pass.logits();
  state.is_in_step = false;
  return state.logits;
}

const float* Sequence::logits() const {
  PRESSROOM_ASSERT(state_->logits != nullptr);
  return state_->logits;
}

const RunSettings& Sequence::settings() const { return state_->settings; }

const std::string& Sequence::id() const { return state_->document.id; }

const Model& Sequence::model() const { return state_->model; }

std::int64_t Sequence::most_tokens() const { return state_->most_tokens; }

const std::vector<std::int64_t>& Sequence::ids() const { return state_->document.ids; }

const std::vector<LayerState>& Sequence::layers() const {
  PRESSROOM_ASSERT(state_->caches);
  return state_->caches->layers();
}

SequenceSizes Sequence::sizes() const {
  SequenceSizes sizes;
  for (const LayerState& layer : layers()) {
    sizes.allocated_bytes += layer.allocated_bytes();
    for (const HeadCache& head : layer.heads()) {
      sizes.entries += head.size();
      sizes.most_entries = std::max(sizes.most_entries, head.size());
    }
  }
  const ModelFacts& facts = state_->setup.model;
  sizes.beside_bytes = state_->caches->beside_bytes();
  const EntryLayout layout = state_->setup.entry_layout();
  sizes.bytes = sizes.entries * layout.bytes();
  sizes.bytes_of_next = (sizes.entries + facts.layers * facts.kv_heads) * layout.bytes_attended();
  const auto fed = static_cast<std::int64_t>(ids().size());
  sizes.evicted = fed * facts.layers * facts.kv_heads - sizes.entries;
  return sizes;
}

struct SequenceGroup::State {
  explicit State(std::vector<Sequence*> given)
      : sequences(std::move(given)),
        pass(first().model, first().setup, static_cast<std::int64_t>(sequences.size())) {}

  Sequence::State& first() const { return *sequences.front()->state_; }

  std::vector<Sequence*> sequences;
  StepPass pass;
  std::vector<FedSequence> fed;
};

SequenceGroup::SequenceGroup(std::vector<Sequence*> sequences) {
  PRESSROOM_ASSERT(!sequences.empty() && sequences.size() <= kMostFewRows);
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    PRESSROOM_ASSERT(&sequences[i]->model() == &sequences.front()->model());
    for (std::size_t j = 0; j < i; ++j) PRESSROOM_ASSERT(sequences[i] != sequences[j]);
  }
  state_ = std::make_unique<State>(std::move(sequences));
}

SequenceGroup::~SequenceGroup() = default;

const float* SequenceGroup::feed(const std::vector<std::int64_t>& ids) {
  State& state = *state_;
  PRESSROOM_ASSERT(ids.size() == state.sequences.size());
  for (std::size_t i = 0; i < ids.size(); ++i) state.sequences[i]->state_->check_next(ids[i]);
  state.first().use_threads();
  const c10::InferenceMode no_gradients;
  state.fed.clear();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    state.fed.push_back(state.sequences[i]->state_->next(ids[i]));
  }
  state.pass.feed_tokens(state.fed);
  const float* all = state.pass.logits();
  const std::int64_t vocabulary = state.first().setup.model.vocabulary;
  // Each keeps its own: the next pass is not always that of the group.
  for (std::size_t i = 0; i < ids.size(); ++i) {
    Sequence::State& one = *state.sequences[i]->state_;
    const float* logits = all + static_cast<std::int64_t>(i) * vocabulary;
    one.own_logits.assign(logits, logits + vocabulary);
    one.logits = one.own_logits.data();
    one.is_in_step = false;
  }
  return all;
}

}  // namespace pressroom
