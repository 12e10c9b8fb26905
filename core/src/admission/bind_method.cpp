#include "admission/bind_method.h"

#include <algorithm>
#include <utility>

#include "plugin/boundary.h"
#include "plugin/plugin_folders.h"
#include "tokenizer/tokenizer.h"

namespace pressroom {

ModelVocabulary::ModelVocabulary(ModelFiles files) : files_(std::move(files)) {}
ModelVocabulary::~ModelVocabulary() = default;

const Tokenizer& ModelVocabulary::tokenizer() const {
  if (tokenizer_ == nullptr) tokenizer_ = Tokenizer::load(files_.tokenizer);
  return *tokenizer_;
}

std::int64_t ModelVocabulary::size() const { return tokenizer().vocabulary_size(); }

std::string ModelVocabulary::token_text(std::int64_t id) const {
  return id < tokenizer().base_vocabulary_size() ? tokenizer().token_bytes(id) : "";
}

std::vector<std::int64_t> ModelVocabulary::encode(const std::string& text) const {
  return tokenizer().encode(text, Special::kNone);
}

void bind_method(Method& method, const std::string& name, const ModelFiles& files,
                 const ModelFacts& model) {
  const ModelVocabulary vocabulary(files);
  const bool has_tokenizer = std::filesystem::exists(files.tokenizer);
  const std::filesystem::path folder = files.is_gguf() ? files.root.parent_path() : files.root;
  at_plugin_boundary("method \"" + name + "\"", "being bound to the model", model.name, [&] {
    method.bind({model, folder.string(), has_tokenizer ? &vocabulary : nullptr});
  });
}

bool is_installed(const PluginUse& use, const PluginHost& host) {
  return is_installed_plugin(host.find(PluginKind::kMethod, use.name).file) &&
         std::all_of(use.inner.begin(), use.inner.end(),
                     [&](const auto& inner) { return is_installed(*inner.second, host); });
}

ContextReconstruction reconstruction_of(const EvictionPlan& plan, const ModelFiles& files) {
  ContextReconstruction reading;
  reading.kind = plan.needs.reconstruction;
  if (reading.kind == Reconstruction::kNone) return reading;
  const ModelVocabulary vocabulary(files);
  reading.between = vocabulary.encode(plan.needs.reconstruction_prompt);
  reading.between_later = vocabulary.encode(kRepeatLaterPrompt);
  return reading;
}

}  // namespace pressroom
