#include "campaign/bind_method.h"

#include <algorithm>
#include <utility>

#include "base/counted.h"
#include "plugin/boundary.h"
#include "plugin/installation.h"
#include "protocol/plan_facts.h"
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

std::optional<Problem> nothing_evicted(const EvictionPlan& plan, const Protocol& protocol,
                                       std::int64_t budget_tokens, std::int64_t tokens,
                                       const std::string& method) {
  const bool holds_all = takes_budget(plan) && budget_tokens >= tokens;
  if (!evicts(plan) || holds_all || eviction_is_seen(protocol, plan, budget_tokens, tokens)) {
    return std::nullopt;
  }
  const bool waits_for_hold = protocol.kind == ProtocolKind::kPrefill &&
                              protocol.continuation == Continuation::kGrow &&
                              plan.phases == Phases::kDecoding;
  return Problem{"nothing could be evicted before the last scored token", method,
                 "under " + protocol.text() + " a budget that is exceeded before token " +
                     std::to_string(tokens - 2) + " of " + std::to_string(tokens) + " is fed",
                 counted(budget_tokens, "entry", "entries"),
                 waits_for_hold ? "such a run would only repeat dense: the method acts behind the "
                                  "prompt alone, so set continuation: hold in the protocol"
                                : "such a run would only repeat dense: raise the sparsity or the "
                                  "context"};
}

}  // namespace pressroom
