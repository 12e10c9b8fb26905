#include "engine/sequence.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/eviction/layer_state.h"
#include "engine/sequence_caches.h"
#include "engine/setup.h"
#include "engine/step_pass.h"
#include "model/few_rows.h"
#include "model/products.h"
#include "parallel/float_controls.h"
#include "parallel/parallel_for.h"
#include "pressroom/error.h"

namespace pressroom {

// Everything of it refers to the parts above it.
struct Sequence::State {
  State(const Model& of_model, const Method& of_method, const RunSettings& run_settings,
        std::string id, std::int64_t tokens)
      : model(of_model),
        method(of_method),
        settings(as_prefill(run_settings)),
        most_tokens(tokens),
        rotary(rotary_for(model, most_tokens)),
        setup(layer_setup(model, settings, most_tokens, rotary)),
        pass(model, setup, 1) {
    document.id = std::move(id);
    document.ids.reserve(static_cast<std::size_t>(most_tokens));
  }

  static RunSettings as_prefill(RunSettings settings) {
    settings.protocol.kind = ProtocolKind::kPrefill;
    return settings;
  }

  // Products of the calling thread, which may have made others with fewer threads before.
  void use_threads() const {
    use_standard_floats();
    set_product_threads(settings.threads);
  }

  void check_id(std::int64_t id, std::int64_t position) const {
    if (id >= 0 && id < setup.model.vocabulary) return;
    throw Error({"a token id is outside the model's vocabulary",
                 document.id + ", token " + std::to_string(position),
                 "0 .. " + std::to_string(setup.model.vocabulary - 1), std::to_string(id),
                 "use the model's own tokenizer"});
  }

  // Throws Error unless `id` can be the next token.
  void check_next(std::int64_t id) const {
    PRESSROOM_ASSERT(caches);
    const auto position = static_cast<std::int64_t>(document.ids.size());
    if (position >= most_tokens) {
      throw Error({"a sequence has no room for another token", document.id,
                   std::to_string(most_tokens) + " tokens", "one more", "make it longer"});
    }
    check_id(id, position);
  }

  // The step that feeds `id`, which is one of the document's tokens from here on.
  FedSequence next(std::int64_t id) {
    document.ids.push_back(id);
    // The first step is the prompt; each of the others one token.
    const std::size_t step =
        document.ids.size() - static_cast<std::size_t>(settings.protocol.prefill_tokens);
    return {&*caches, schedule.steps[step]};
  }

  const Model& model;
  const Method& method;
  RunSettings settings;
  std::int64_t most_tokens;
  RotaryTable rotary;
  LayerSetup setup;
  TokenDocument document;  // so far
  Schedule schedule;       // of most_tokens tokens at least
  StepPass pass;
  std::optional<SequenceCaches> caches;  // made for the prompt, which policies may look at
  std::vector<FedSequence> fed;
  at::Tensor prompt_logits;  // [1,V]
};

Sequence::Sequence(const Model& model, const Method& method, const RunSettings& settings,
                   std::string id, std::int64_t most_tokens) {
  require_product_room(settings.threads);
  state_ = std::make_unique<State>(model, method, settings, std::move(id), most_tokens);
}

Sequence::~Sequence() = default;

const float* Sequence::prefill(const std::vector<std::int64_t>& prompt) {
  State& state = *state_;
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
  state.settings.protocol.prefill_tokens = count;
  // A document that is scored has tokens behind its prompt; a sequence may end with it.
  const std::int64_t tokens = std::max(state.most_tokens, state.settings.protocol.least_tokens());
  state.schedule = schedule_of(state.settings.protocol, state.settings.plan, tokens);
  state.caches.emplace(state.model, state.setup, state.settings, state.method, state.document,
                       state.most_tokens);
  const at::Tensor hidden = state.pass.feed_block({&*state.caches, state.schedule.steps.front()});
  state.prompt_logits =
      state.model.logits(hidden.narrow(0, count - 1, 1)).to(at::kCPU).contiguous();
  return state.prompt_logits.data_ptr<float>();
}

const float* Sequence::feed(std::int64_t id) {
  State& state = *state_;
  state.check_next(id);
  state.use_threads();
  const c10::InferenceMode no_gradients;
  state.fed.assign(1, state.next(id));
  state.pass.feed_tokens(state.fed);
  return state.pass.logits();
}

const std::vector<std::int64_t>& Sequence::ids() const { return state_->document.ids; }

const std::vector<LayerState>& Sequence::layers() const {
  PRESSROOM_ASSERT(state_->caches);
  return state_->caches->layers();
}

SequenceSizes Sequence::sizes() const {
  SequenceSizes sizes;
  for (const LayerState& layer : layers()) {
    for (const HeadCache& head : layer.heads()) {
      sizes.entries += head.size();
      sizes.most_entries = std::max(sizes.most_entries, head.size());
      sizes.allocated_bytes += head.allocated_bytes();
    }
  }
  const ModelFacts& facts = state_->setup.model;
  sizes.bytes = sizes.entries * state_->setup.entry_layout().bytes();
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
  return state.pass.logits();
}

}  // namespace pressroom
