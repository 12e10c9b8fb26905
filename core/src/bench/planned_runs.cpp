#include "admission/bind_method.h"
#include "bench/bench_parts.h"
#include "bench/document_bench.h"
#include "campaign/plan.h"
#include "config/config.h"
#include "model/description.h"
#include "pressroom/error.h"
#include "protocol/protocol.h"

namespace pressroom {
namespace {

// Where a method's own positions are those in the cache, at original ones as well: what the two
// cost differs.
std::vector<Positions> positions_of(const BenchRequest& request, const BenchRun& run) {
  if (request.positions) return {*request.positions};
  const Positions own = run.terms.settings.positions;
  if (own == Positions::kCacheIndex) return {own, Positions::kOriginal};
  return {own};
}

constexpr const char* kInner = "keydiff";

// "{name: adakv, inner: knorm}": with something for every method it wraps.
std::string use_of(const std::string& name, const PluginInfo& info) {
  std::string text = "{name: " + name;
  for (const ParameterSpec& spec : info.parameters) {
    if (spec.required() && spec.type == ParameterType::kMethod) {
      text += ", " + spec.name + ": {name: " + kInner + "}";
    }
  }
  return text + "}";
}

}  // namespace

std::vector<BenchRun> planned_runs(const BenchRequest& request, PluginHost& host) {
  std::vector<BenchRun> runs;
  const auto add = [&](const PluginUse& use, BenchRun run) {
    const std::unique_ptr<Method> method = make_configured_method(use, host);
    run.method = use;
    run.terms = terms_of(use);
    run.terms.context_tokens = run.tokens;
    run.terms.settings.budget_tokens = request.budget_tokens;
    plan_run(*method, use.positions, run.terms);
    run.terms.engine =
        choose_engine(to_string(run.engine), run.terms.settings.plan, run.terms.name);
    refuse_budget_of_all(run.terms);
    for (const Positions positions : positions_of(request, run)) {
      run.positions = run.terms.settings.positions = positions;
      if (const auto refusal = refusal_of(run.terms)) throw Error(refusal->problems);
      runs.push_back(run);
    }
  };
  BenchRun replay;
  replay.tokens = request.tokens;
  replay.repeats = request.repeats;
  for (const PluginUse& use : with_dense_first(request.methods, host)) add(use, replay);
  BenchRun decode;
  decode.engine = Engine::kDecode;
  decode.tokens = request.decode_tokens.value_or(request.tokens);
  decode.repeats = request.decode_repeats;
  decode.warms_up = false;  // it lasts long enough to warm up by itself
  for (const PluginUse& use : request.decoded) add(use, decode);
  return runs;
}

AllMethods all_methods(const BenchRequest& request, PluginHost& host) {
  const ModelFiles files = find_model(request.model);
  const ModelFacts facts = read_description(files).facts;
  AllMethods all;
  for (const std::string& name : host.names(PluginKind::kMethod)) {
    try {
      const std::string text = use_of(name, host.describe(PluginKind::kMethod, name));
      BenchRequest alone = request;
      alone.methods = {parse_plugin_use(text, PluginKind::kMethod, "--methods all", host)};
      alone.decoded.clear();
      planned_runs(alone, host);
      bind_method(*make_configured_method(alone.methods.front(), host), name, files, facts);
      all.uses.push_back(alone.methods.front());
    } catch (const Error& error) {
      const Problem& problem = error.problems().front();
      all.left_out.emplace_back(name, problem.what + ", expected " + problem.expected);
    }
  }
  return all;
}

}  // namespace pressroom
