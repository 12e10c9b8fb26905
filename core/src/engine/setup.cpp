#include "engine/setup.h"

#include <algorithm>

#include "engine/attention/sequential_kernel.h"
#include "engine/positions_used.h"
#include "protocol/plan_facts.h"

namespace pressroom {
namespace {

std::int64_t longest_of(const std::vector<TokenDocument>& documents) {
  std::size_t longest = 0;
  for (const TokenDocument& document : documents) {
    longest = std::max(longest, document.ids.size());
  }
  return static_cast<std::int64_t>(longest);
}

}  // namespace

EntryLayout LayerSetup::entry_layout() const {
  EntryLayout layout;
  layout.head_dim = model.head_dim;
  layout.raw_keys = positions == Positions::kOriginal && plan.needs.keys_before_rope;
  layout.birth_score = asks_birth_scores(plan);
  layout.attention = plan.signal != Signal::kNone;
  if (plan.needs.held_inputs) {
    layout.input_floats = (model.hidden_size + model.kv_heads - 1) / model.kv_heads;
  }
  return layout;
}

RotaryTable rotary_for(const Model& model, const RunSettings& settings,
                       const std::vector<TokenDocument>& documents) {
  for (const TokenDocument& document : documents) {
    check_ids(document, model.facts().vocabulary, settings.protocol);
  }
  check_context(model.description(), longest_of(documents));
  return RotaryTable(model.facts().head_dim, model.description().rope_frequencies,
                     longest_of(documents));
}

LayerSetup layer_setup(const Model& model, const RunSettings& settings,
                       const std::vector<TokenDocument>& documents, const RotaryTable& rotary) {
  LayerSetup setup;
  setup.model = model.facts();
  setup.plan = settings.plan;
  setup.budget_tokens = settings.budget_tokens;
  setup.context_tokens = longest_of(documents);
  setup.most_entries = most_entries(settings, setup.context_tokens);
  setup.positions = settings.positions;
  setup.rotary = &rotary;
  setup.kernel = settings.kernel != nullptr ? settings.kernel : &kernel_for(model.device());
  return setup;
}

at::Tensor reconstruction_for(const Model& model, const RunSettings& settings,
                              const TokenDocument& document) {
  if (settings.plan.needs.reconstruction == Reconstruction::kNone) return {};
  const std::int64_t prompt =
      settings.protocol.compressed_tokens(static_cast<std::int64_t>(document.ids.size()));
  ContextReconstruction reading = settings.reading;
  reading.kind = settings.plan.needs.reconstruction;
  return reconstruction_scores(model, {document.ids.begin(), document.ids.begin() + prompt},
                               reading);
}

std::vector<Problem> in_document(std::vector<Problem> problems, const std::string& id) {
  for (Problem& problem : problems) problem.where = id + ", " + problem.where;
  return problems;
}

}  // namespace pressroom
