#include "engine/run.h"

#include "engine/windows.h"
#include "pressroom/error.h"

namespace pressroom {

const char* to_string(Engine engine) { return engine == Engine::kReplay ? "replay" : "decode"; }

Engine choose_engine(const std::string& asked, const EvictionPlan& plan,
                     const std::string& method) {
  if (asked == "decode" || (asked == "auto" && plan.couples_layers)) return Engine::kDecode;
  if (!plan.couples_layers) return Engine::kReplay;
  throw Error(
      {"the method cannot be replayed", method, "engine auto or decode", asked,
       "its decisions in one layer look at another, so layers cannot be walked one by one"});
}

std::vector<DocumentRun> run_documents(Engine engine, const Model& model, const Method& method,
                                       const RunSettings& settings,
                                       const std::vector<TokenDocument>& documents,
                                       const RunControl& control) {
  const auto run = engine == Engine::kReplay ? replay_documents : decode_documents;
  if (settings.protocol.kind != ProtocolKind::kWindow) {
    return run(model, method, settings, documents, control);
  }
  const WindowedDocuments windows(documents, settings.protocol);
  return windows.joined(run(model, method, settings, windows.documents(), control));
}

void check_ids(const TokenDocument& document, std::int64_t vocabulary, const Protocol& protocol) {
  const auto tokens = static_cast<std::int64_t>(document.ids.size());
  if (tokens < protocol.least_tokens()) {
    throw Error(
        {"a document is too short to score", document.id,
         "at least " + std::to_string(protocol.least_tokens()) + " tokens under " + protocol.text(),
         std::to_string(tokens), "give a longer text"});
  }
  for (const std::int64_t id : document.ids) {
    if (id >= 0 && id < vocabulary) continue;
    throw Error({"a token id is outside the model's vocabulary", document.id,
                 "0 .. " + std::to_string(vocabulary - 1), std::to_string(id),
                 "use the model's own tokenizer"});
  }
}

}  // namespace pressroom
