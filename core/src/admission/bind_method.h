// A configured method and the model that it is to run in.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "config/config.h"
#include "engine/run.h"
#include "model/model_files.h"
#include "pressroom/method.h"

namespace pressroom {

class Tokenizer;

// A model's tokens as text, read from its tokenizer when first asked for.
class ModelVocabulary final : public Vocabulary {
 public:
  explicit ModelVocabulary(ModelFiles files);
  ~ModelVocabulary() override;

  std::int64_t size() const override;
  std::string token_text(std::int64_t id) const override;
  std::vector<std::int64_t> encode(const std::string& text) const override;

 private:
  const Tokenizer& tokenizer() const;

  ModelFiles files_;
  mutable std::unique_ptr<Tokenizer> tokenizer_;
};

// Lets `method`, called `name`, read what it needs for this model. Throws Error where it cannot
// serve it.
void bind_method(Method& method, const std::string& name, const ModelFiles& files,
                 const ModelFacts& model);

// Whether `use`, and every method in it, is a plugin that came with the harness.
bool is_installed(const PluginUse& use, const PluginHost& host);

// The second reading that `plan` asks for, in the model's tokens; nothing where it asks for none.
ContextReconstruction reconstruction_of(const EvictionPlan& plan, const ModelFiles& files);

}  // namespace pressroom
