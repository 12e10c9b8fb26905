#include "engine/make_policy.h"

#include <utility>

#include "engine/eviction/guarded_policy.h"
#include "plugin/boundary.h"
#include "pressroom/error.h"

namespace pressroom {
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
  context_.context_tokens =
      settings.protocol.compressed_tokens(static_cast<std::int64_t>(document.ids.size()));
  context_.random = settings.random.with("policy").with(document.id);
  context_.reconstruction = std::move(reconstruction);
  if (settings.check_views) watched_layer_ = layer_to_watch(document, model.layers);
}

std::unique_ptr<Policy> PolicyMaker::make(std::int64_t layer) const {
  PolicyContext context = context_;
  context.layer = layer;
  context.random = context.random.with(layer);
  std::unique_ptr<Policy> policy = at_plugin_boundary<ThreadGuard>(
      "the method", "making a policy", document_id_, [&] { return method_.make_policy(context); });
  if (policy != nullptr) {
    return std::make_unique<GuardedPolicy>(std::move(policy), label_, layer == watched_layer_,
                                           context.reconstruction);
  }
  throw Error({"the method makes no policy", document_id_ + ", layer " + std::to_string(layer),
               "a policy", "null", "fix its make_policy()"});
}

}  // namespace pressroom
