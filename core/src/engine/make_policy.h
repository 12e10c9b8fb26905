// Making the policies of a document, one for each layer.
#pragma once

#include <memory>
#include <string>

#include "pressroom/method.h"

namespace pressroom {

// A fresh policy of `method` for `layer` of the document called `document_id`; its random numbers
// come from `random`, the document and the layer. Throws Error when the method throws or makes
// none.
std::unique_ptr<Policy> make_policy(const Method& method, const ModelFacts& model,
                                    std::int64_t budget_tokens, const RandomKey& random,
                                    const std::string& document_id, std::int64_t layer);

}  // namespace pressroom
