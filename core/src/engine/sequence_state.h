// The parts of a growing sequence (engine/sequence.h), for the sources that make it up.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/sequence.h"
#include "engine/sequence_caches.h"
#include "engine/setup.h"
#include "engine/step_pass.h"
#include "model/products.h"
#include "parallel/float_controls.h"
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

  void set_prompt(std::int64_t tokens) {
    settings.protocol.prefill_tokens = setup.prompt_tokens = tokens;
    // A document that is scored has tokens behind its prompt; a sequence may end with it.
    schedule = schedule_of(settings.protocol, settings.plan,
                           std::max(most_tokens, settings.protocol.least_tokens()));
  }

  // Sequence::restore, but for what is undone where it throws.
  void take_up(std::int64_t tokens, std::int64_t prompt_tokens, const FillArray& fill);

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

  // Throws Error where a step was begun that did not end: some layers then hold tokens that others
  // do not.
  void check_whole() const {
    if (!is_in_step) return;
    throw Error({"a sequence cannot go on after a step that failed", document.id,
                 "layers that hold the same tokens",
                 "a step that failed at token " + std::to_string(document.ids.size() - 1),
                 "begin the sequence anew"});
  }

  // Throws Error unless `id` can be the next token.
  void check_next(std::int64_t id) const {
    PRESSROOM_ASSERT(caches);
    check_whole();
    const auto position = static_cast<std::int64_t>(document.ids.size());
    if (position >= most_tokens) {
      throw Error({"a sequence has no room for another token", document.id,
                   std::to_string(most_tokens) + " tokens", "one more", "make it longer"});
    }
    check_id(id, position);
  }

  // Begins the step that feeds `id`, which is one of the document's tokens from here on.
  FedSequence next(std::int64_t id) {
    is_in_step = true;
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
  bool is_in_step = false;               // from the begin of a step to its end; stays if it throws
  std::vector<FedSequence> fed;
  const float* logits = nullptr;
  std::vector<float> own_logits;      // [V], of a prompt, or taken up
  std::vector<std::int64_t> entries;  // [L,G], of stored()
};

}  // namespace pressroom
