#include "engine/setup.h"

#include <algorithm>
#include <utility>

#include "base/pulse.h"
#include "engine/attention/sequential_kernel.h"
#include "engine/eviction/guarded_policy.h"
#include "plugin/boundary.h"
#include "pressroom/error.h"
#include "protocol/protocol.h"

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

RotaryTable rotary_for(const Model& model, const RunSettings& settings,
                       const std::vector<TokenDocument>& documents) {
  for (const TokenDocument& document : documents) {
    check_ids(document, model.facts().vocabulary, protocol_for(settings, document));
  }
  return rotary_for(model, longest_of(documents));
}

RotaryTable rotary_for(const Model& model, std::int64_t tokens) {
  check_context(model.description(), tokens);
  return RotaryTable(model.facts().head_dim, model.description().rope_frequencies, tokens);
}

LayerSetup layer_setup(const Model& model, const RunSettings& settings,
                       const std::vector<TokenDocument>& documents, const RotaryTable& rotary) {
  return layer_setup(model, settings, longest_of(documents), rotary);
}

LayerSetup layer_setup(const Model& model, const RunSettings& settings, std::int64_t tokens,
                       const RotaryTable& rotary) {
  LayerSetup setup;
  setup.model = model.facts();
  setup.plan = settings.plan;
  setup.budget_tokens = settings.budget_tokens;
  setup.context_tokens = tokens;
  setup.most_entries = most_entries(settings, setup.context_tokens);
  setup.positions = settings.positions;
  setup.kv_dtype = settings.kv_dtype;
  setup.server = settings.protocol.server;
  setup.prompt_tokens = settings.protocol.prefill_tokens;
  setup.rotary = &rotary;
  setup.kernel = settings.kernel != nullptr ? settings.kernel : &kernel_for(model.device());
  return setup;
}

at::Tensor reconstruction_for(const Model& model, const RunSettings& settings,
                              const TokenDocument& document) {
  if (settings.plan.needs.reconstruction == Reconstruction::kNone) return {};
  const Protocol protocol = protocol_for(settings, document);
  const std::int64_t prompt = protocol.prefill_tokens;
  ContextReconstruction reading = settings.reading;
  reading.kind = settings.plan.needs.reconstruction;
  reading.kv_dtype = settings.kv_dtype;
  return reconstruction_scores(model, {document.ids.begin(), document.ids.begin() + prompt},
                               reading);
}

std::vector<Problem> in_document(std::vector<Problem> problems, const std::string& id) {
  for (Problem& problem : problems) problem.where = id + ", " + problem.where;
  return problems;
}

std::int64_t most_entries(const RunSettings& settings, std::int64_t tokens) {
  const Protocol& protocol = settings.protocol;
  const bool is_even =
      is_held_to_budget(settings.plan) && settings.plan.scope == BudgetScope::kHead;
  const bool is_evicted = is_even && (protocol.kind == ProtocolKind::kStream ||
                                      protocol.kind == ProtocolKind::kChunked);
  // Heads with budgets of their own may hold all, and a prefill is held whole before it is
  // compressed, and what is fed after it may stay.
  if (!is_evicted) return tokens;
  const std::int64_t width = std::max<std::int64_t>(protocol.chunk_size, 1);
  return std::min(settings.budget_tokens + settings.plan.interval + width - 1, tokens);
}

std::int64_t positions_used(const RunSettings& settings, std::int64_t tokens) {
  if (settings.protocol.kind == ProtocolKind::kWindow) {
    return std::min(settings.protocol.window, tokens);
  }
  const std::int64_t used =
      settings.positions == Positions::kCacheIndex ? most_entries(settings, tokens) : tokens;
  if (settings.plan.needs.reconstruction == Reconstruction::kNone) return used;
  // The second reading goes on where the prompt ends.
  const bool has_own_prompts = settings.protocol.kind == ProtocolKind::kQuestions;
  const std::int64_t prompt = has_own_prompts ? tokens : settings.protocol.prefill_tokens;
  return std::max(used, prompt + static_cast<std::int64_t>(settings.reading.between.size()) +
                            std::min(prompt, settings.reading.chunk_tokens));
}

void check_positions(const ModelFacts& model, const RunSettings& settings, std::int64_t tokens,
                     bool is_allowed, const std::string& what, const std::string& key) {
  const std::int64_t used = positions_used(settings, tokens);
  if (is_allowed || used <= model.max_positions) return;
  throw Error({"the run goes beyond the positions the model was made for", what,
               "at most " + std::to_string(model.max_positions) + " positions",
               std::to_string(used),
               "shorten the document, or allow it by " + key +
                   ": what a model says there, dense most of all, means little"});
}

namespace {

// By what is in the document: every layer gets its turn, the same at every run.
std::int64_t layer_to_watch(const TokenDocument& document, std::int64_t layers) {
  RandomKey key = RandomKey().with("watched layer");
  for (const std::int64_t id : document.ids) key = key.with(id);
  return static_cast<std::int64_t>(key.bits() % static_cast<std::uint64_t>(layers));
}

}  // namespace

PolicyMaker::PolicyMaker(const Method& method, const ModelFacts& model, const RunSettings& settings,
                         const TokenDocument& document, at::Tensor reconstruction)
    : method_(method), document_id_(document.id), label_(settings.method) {
  context_.model = model;
  context_.budget_tokens = settings.budget_tokens;
  const Protocol protocol = protocol_for(settings, document);
  context_.context_tokens =
      protocol.compressed_tokens(static_cast<std::int64_t>(document.ids.size()));
  context_.spans = document.spans;
  context_.random = settings.random.with("policy").with(document.id);
  context_.reconstruction = std::move(reconstruction);
  if (settings.check_views) watched_layer_ = layer_to_watch(document, model.layers);
}

std::unique_ptr<Policy> PolicyMaker::make(std::int64_t layer) const {
  PolicyContext context = context_;
  context.layer = layer;
  context.random = context.random.with(layer);
  const PluginCall inside("making a policy for", document_id_, layer);
  std::unique_ptr<Policy> policy = at_plugin_boundary<ThreadGuard>(
      "the method", "making a policy", document_id_, [&] { return method_.make_policy(context); });
  if (policy != nullptr) {
    return std::make_unique<GuardedPolicy>(std::move(policy), label_, document_id_, layer,
                                           layer == watched_layer_, context.reconstruction);
  }
  throw Error({"the method makes no policy", document_id_ + ", layer " + std::to_string(layer),
               "a policy", "null", "fix its make_policy()"});
}

}  // namespace pressroom
