#include "bench/bench_parts.h"
#include "bench/decode_study.h"
#include "campaign/plan.h"
#include "config/plugin_use.h"
#include "parallel/parallel_for.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

constexpr const char* kOtherLengths = "lower the budget, or leave out the shorter lengths";

// Held to the budget behind the prompt as well: what a server does that has no more memory than
// that.
Protocol protocol_for(std::int64_t prompt) {
  Protocol protocol;
  protocol.kind = ProtocolKind::kPrefill;
  protocol.prefill_tokens = prompt;
  protocol.continuation = Continuation::kHold;
  return protocol;
}

RunTerms terms_of(const DecodeStudyRequest& request, const PluginUse& use, const Method& method,
                  const DecodeShape& shape) {
  refuse_constraints(use, "bench decode");
  RunTerms terms = pressroom::terms_of(use, request.kv_dtype);
  terms.where = use.label + " at length " + std::to_string(shape.length);
  terms.context_tokens = shape.all_tokens();
  terms.engine = Engine::kDecode;
  terms.settings.protocol = protocol_for(shape.length);
  terms.settings.budget_tokens = request.budget_tokens;
  terms.settings.random = RandomKey(request.seed);
  terms.settings.threads = threads_or_all(request.threads);
  plan_run(method, request.positions ? request.positions : use.positions, terms);
  return terms;
}

void check_terms(const RunTerms& terms) {
  try {
    refuse_budget_of_all(terms);
    if (const auto refusal = refusal_of(terms)) throw Error(refusal->problems);
  } catch (const Error& error) {
    std::vector<Problem> problems = error.problems();
    for (Problem& problem : problems) problem.where = terms.where;
    if (terms.settings.budget_tokens >= terms.context_tokens) problems[0].fix = kOtherLengths;
    throw Error(std::move(problems));
  }
}

}  // namespace

std::vector<StudiedRun> planned_study(const DecodeStudyRequest& request, PluginHost& host) {
  const std::vector<PluginUse> uses = with_dense_first(request.methods, host);
  std::vector<StudiedRun> runs;
  for (const std::int64_t length : request.lengths) {
    for (const std::int64_t sequences : request.sequences) {
      const DecodeShape shape = {length, request.warmup_tokens, request.tokens, sequences,
                                 request.every};
      const std::size_t first = runs.size();
      for (const PluginUse& use : uses) {
        const std::unique_ptr<Method> method = make_configured_method(use, host);
        StudiedRun run;
        run.method = use;
        run.is_dense = use.label == kDenseMethod;
        run.terms = terms_of(request, use, *method, shape);
        run.dtype = request.dtype;
        run.shape = shape;
        check_terms(run.terms);
        runs.push_back(std::move(run));
      }
      for (const WeightDtype dtype : request.rival_dtypes) {
        if (dtype == request.dtype) continue;
        StudiedRun rival = runs[first];
        rival.dtype = dtype;
        runs.push_back(std::move(rival));
      }
    }
  }
  return runs;
}

}  // namespace pressroom
