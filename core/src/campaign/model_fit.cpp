#include "campaign/model_fit.h"

#include "pressroom/error.h"

namespace pressroom {

void check_vocabulary(const Tokenizer& tokenizer, const ModelDescription& model,
                      const ModelFiles& files) {
  if (tokenizer.vocabulary_size() <= model.facts.vocabulary) return;
  throw Error({"the tokenizer has ids that the model does not know", files.tokenizer.string(),
               "at most " + std::to_string(model.facts.vocabulary) + " ids",
               std::to_string(tokenizer.vocabulary_size()),
               "use the tokenizer that came with the model"});
}

}  // namespace pressroom
