#include "engine/make_policy.h"

#include "plugin/boundary.h"
#include "pressroom/error.h"

namespace pressroom {

std::unique_ptr<Policy> make_policy(const Method& method, const ModelFacts& model,
                                    std::int64_t budget_tokens, const RandomKey& random,
                                    const std::string& document_id, std::int64_t layer) {
  PolicyContext context;
  context.model = model;
  context.layer = layer;
  context.budget_tokens = budget_tokens;
  context.random = random.with("policy").with(document_id).with(layer);
  std::unique_ptr<Policy> policy = at_plugin_boundary("the method", "making a policy", document_id,
                                                      [&] { return method.make_policy(context); });
  if (policy != nullptr) return policy;
  throw Error({"the method makes no policy", document_id + ", layer " + std::to_string(layer),
               "a policy", "null", "mend its make_policy()"});
}

}  // namespace pressroom
