#include "bench/document_bench.h"
#include "campaign/bind_method.h"
#include "config/plugin_use.h"
#include "engine/eviction/eviction.h"
#include "pressroom/error.h"
#include "protocol/plan_facts.h"

namespace pressroom {
namespace {

std::vector<PluginUse> with_dense_first(const std::vector<PluginUse>& uses, PluginHost& host) {
  std::vector<PluginUse> all = {
      parse_plugin_use(kDenseMethod, PluginKind::kMethod, "the baseline", host)};
  for (const PluginUse& use : uses) {
    if (use.name != kDenseMethod) all.push_back(use);
  }
  return all;
}

std::vector<Positions> positions_of(const BenchRequest& request, const BenchRun& run) {
  if (request.positions) return {*request.positions};
  const Positions own = run.method.positions.value_or(run.plan.positions);
  if (own == Positions::kCacheIndex) return {own, Positions::kOriginal};
  return {own};
}

}  // namespace

std::vector<BenchRun> planned_runs(const BenchRequest& request, PluginHost& host) {
  std::vector<BenchRun> runs;
  const auto add = [&](const PluginUse& use, BenchRun run) {
    const std::unique_ptr<Method> method = make_configured_method(use, host);
    run.method = use;
    run.plan = checked_plan(*method, request.budget_tokens, use.name);
    check_budget(run.plan, request.budget_tokens, use.name);
    choose_engine(to_string(run.engine), run.plan, use.name);
    const Protocol stream;
    check_setting(run.plan, stream, positions_of(request, run).front(), use.name);
    if (evicts(run.plan) && takes_budget(run.plan) && request.budget_tokens >= run.tokens) {
      throw Error({"nothing would be evicted", use.name,
                   "a budget below the " + std::to_string(run.tokens) + " tokens of a document",
                   std::to_string(request.budget_tokens), "lower the budget, or take more tokens"});
    }
    if (const auto problem =
            nothing_evicted(run.plan, stream, request.budget_tokens, run.tokens, use.name)) {
      throw Error(*problem);
    }
    for (const Positions positions : positions_of(request, run)) {
      check_setting(run.plan, stream, positions, use.name);
      run.positions = positions;
      runs.push_back(run);
    }
  };
  BenchRun replay;
  replay.tokens = request.tokens;
  replay.repeats = request.repeats;
  if (!request.methods.empty()) {
    for (const PluginUse& use : with_dense_first(request.methods, host)) add(use, replay);
  }
  BenchRun decode;
  decode.engine = Engine::kDecode;
  decode.tokens = request.decode_tokens.value_or(request.tokens);
  decode.repeats = request.decode_repeats;
  decode.warms_up = false;  // it lasts long enough to warm up by itself
  if (!request.decoded.empty()) {
    const bool needs_baseline = request.methods.empty();
    for (const PluginUse& use :
         needs_baseline ? with_dense_first(request.decoded, host) : request.decoded) {
      add(use, decode);
    }
  }
  return runs;
}

}  // namespace pressroom
