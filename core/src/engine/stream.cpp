#include "engine/stream.h"

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

std::vector<DocumentRun> run_stream(Engine engine, const Model& model, const Method& method,
                                    const StreamSettings& settings,
                                    const std::vector<TokenDocument>& documents,
                                    const RunControl& control) {
  const auto run = engine == Engine::kReplay ? replay_stream : decode_stream;
  return run(model, method, settings, documents, control);
}

void check_ids(const TokenDocument& document, std::int64_t vocabulary) {
  if (document.ids.size() < 2) {
    throw Error({"a document is too short to score", document.id, "at least 2 tokens",
                 std::to_string(document.ids.size()), "give a longer text"});
  }
  for (const std::int64_t id : document.ids) {
    if (id >= 0 && id < vocabulary) continue;
    throw Error({"a token id is outside the model's vocabulary", document.id,
                 "0 .. " + std::to_string(vocabulary - 1), std::to_string(id),
                 "use the model's own tokenizer"});
  }
}

bool eviction_is_seen(const EvictionPlan& plan, std::int64_t budget_tokens, std::int64_t tokens) {
  if (plan.ranking == Ranking::kNone) return false;
  // The first step that leaves more than the budget, at the next eviction event, must come before
  // the step that predicts the last token, N - 2.
  const std::int64_t first_step =
      (budget_tokens + plan.interval) / plan.interval * plan.interval - 1;
  return first_step < tokens - 2;
}

}  // namespace pressroom
