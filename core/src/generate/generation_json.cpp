#include <nlohmann/json.hpp>

#include "generate/generation.h"
#include "protocol/protocol.h"

namespace pressroom {

nlohmann::ordered_json to_json(const Generation& generation, const GenerationResult& result) {
  using Json = nlohmann::ordered_json;
  const auto or_null = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
  const RunSettings& settings = generation.terms().settings;
  const bool has_budget = takes_budget(settings.plan);
  return {{"schema", "pressroom.generation/1"},
          {"model", generation.request().model},
          {"dtype", to_string(generation.request().dtype)},
          {"kv_dtype", to_string(settings.kv_dtype)},
          {"method", generation.request().method.text()},
          {"budget_tokens", has_budget ? Json(settings.budget_tokens) : Json()},
          {"evict", to_string(generation.request().evict)},
          {"positions", to_string(settings.positions)},
          {"chat_template", or_null(generation.prompt().chat_template)},
          {"seed", generation.request().seed},
          {"prompt_tokens", result.stats.prompt_tokens},
          {"text", result.text},
          {"ids", result.ids},
          {"end", to_string(result.end)},
          {"stop_string", or_null(result.stop_string)},
          {"stats", to_json(result.stats)}};
}

}  // namespace pressroom
