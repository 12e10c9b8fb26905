#include "bench/bench_parts.h"

#include "config/plugin_use.h"
#include "pressroom/error.h"
#include "protocol/protocol.h"

namespace pressroom {

std::vector<PluginUse> with_dense_first(const std::vector<PluginUse>& uses, PluginHost& host) {
  std::vector<PluginUse> all = {
      parse_plugin_use(kDenseMethod, PluginKind::kMethod, "the baseline", host)};
  for (const PluginUse& use : uses) {
    if (use.label != kDenseMethod) all.push_back(use);
  }
  return all;
}

void refuse_budget_of_all(const RunTerms& terms) {
  const EvictionPlan& plan = terms.settings.plan;
  const std::int64_t budget = terms.settings.budget_tokens;
  if (!evicts(plan) || !takes_budget(plan) || budget < terms.context_tokens) return;
  throw Error(
      {"nothing would be evicted", terms.name,
       "a budget below the " + std::to_string(terms.context_tokens) + " tokens of a document",
       std::to_string(budget), "lower the budget, or take more tokens"});
}

std::vector<TokenDocument> documents_of_text(const std::vector<std::int64_t>& ids,
                                             const std::string& file, std::int64_t tokens,
                                             std::int64_t count) {
  const auto there = static_cast<std::int64_t>(ids.size());
  if (there < tokens * count) {
    throw Error({"the document is too short", file, std::to_string(tokens * count) + " tokens",
                 std::to_string(there), "take a longer text, or fewer tokens"});
  }
  std::vector<TokenDocument> documents;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto begin = ids.begin() + i * tokens;
    documents.push_back({"document " + std::to_string(i), {begin, begin + tokens}});
  }
  return documents;
}

}  // namespace pressroom
