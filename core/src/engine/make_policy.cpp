#include "engine/make_policy.h"

#include <utility>

#include "plugin/boundary.h"
#include "pressroom/error.h"

namespace pressroom {

PolicyMaker::PolicyMaker(const Method& method, const ModelFacts& model, const RunSettings& settings,
                         const TokenDocument& document, at::Tensor reconstruction)
    : method_(method), document_id_(document.id) {
  context_.model = model;
  context_.budget_tokens = settings.budget_tokens;
  context_.context_tokens =
      settings.protocol.compressed_tokens(static_cast<std::int64_t>(document.ids.size()));
  context_.random = settings.random.with("policy").with(document.id);
  context_.reconstruction = std::move(reconstruction);
}

std::unique_ptr<Policy> PolicyMaker::make(std::int64_t layer) const {
  PolicyContext context = context_;
  context.layer = layer;
  context.random = context.random.with(layer);
  std::unique_ptr<Policy> policy = at_plugin_boundary("the method", "making a policy", document_id_,
                                                      [&] { return method_.make_policy(context); });
  if (policy != nullptr) return policy;
  throw Error({"the method makes no policy", document_id_ + ", layer " + std::to_string(layer),
               "a policy", "null", "mend its make_policy()"});
}

}  // namespace pressroom
