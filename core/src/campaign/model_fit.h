// Whether a tokenizer belongs to a model.
#pragma once

#include "model/description.h"
#include "tokenizer/tokenizer.h"

namespace pressroom {

// Throws Error when the tokenizer of `files` has ids that the model does not know. Fewer ids than
// the model knows are usual: tables are padded.
void check_vocabulary(const Tokenizer& tokenizer, const ModelDescription& model,
                      const ModelFiles& files);

}  // namespace pressroom
