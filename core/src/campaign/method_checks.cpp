#include "campaign/method_checks.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "admission/admitted_run.h"
#include "admission/bind_method.h"
#include "campaign/plan.h"
#include "config/plugin_use.h"
#include "engine/eviction/eviction.h"
#include "engine/parting.h"
#include "model/model.h"
#include "parallel/parallel_for.h"
#include "pressroom/error.h"
#include "protocol/protocol.h"
#include "results/cell.h"

namespace pressroom {
namespace {

using Outcome = MethodCheck::Outcome;

// Where the other ending of a document begins: behind every prompt and at the edge of a chunk.
std::int64_t ending_of(std::int64_t tokens) { return tokens / 4 * 3; }

std::vector<Protocol> protocols_of(std::int64_t tokens) {
  Protocol stream;
  Protocol chunked;
  chunked.kind = ProtocolKind::kChunked;
  chunked.chunk_size = std::max<std::int64_t>(tokens / 4, 1);
  Protocol prefill;
  prefill.kind = ProtocolKind::kPrefill;
  prefill.prefill_tokens = tokens / 2;
  Protocol held = prefill;
  held.continuation = Continuation::kHold;
  return {stream, chunked, prefill, held};
}

TokenDocument drawn_document(const ModelFacts& facts, std::int64_t tokens, RandomKey key) {
  TokenDocument document;
  document.id = "drawn";
  for (std::int64_t i = 0; i < tokens; ++i) {
    const double place = key.with(i).uniform() * static_cast<double>(facts.vocabulary);
    document.ids.push_back(static_cast<std::int64_t>(place));
  }
  return document;
}

// "" where the two are one; else the first difference.
std::string difference(const DocumentRun& a, const DocumentRun& b, const char* first,
                       const char* second, double tolerance) {
  const std::optional<Parting> parting = first_parting(a, b);
  // Two engines round their products otherwise, and scores that are equal but for that may tie.
  if (parting && !(tolerance > 0 && parting->is_tie)) return text(*parting, first, second, 2);
  if (parting) return "";
  for (std::size_t i = 0; i < a.nll_nats.size(); ++i) {
    if (std::abs(a.nll_nats[i] - b.nll_nats[i]) <= tolerance) continue;
    return "the nll of token " + std::to_string(a.targets[i]) + " differs by " +
           std::to_string(std::abs(a.nll_nats[i] - b.nll_nats[i])) + " nats";
  }
  return "";
}

// "" where every entry of the first `tokens` tokens left both runs at the same moments before that,
// or later in both.
std::string early_difference(const DocumentRun& a, const DocumentRun& b, std::int64_t tokens) {
  for (std::size_t layer = 0; layer < a.evictions.size(); ++layer) {
    for (std::size_t head = 0; head < a.evictions[layer].size(); ++head) {
      const std::vector<std::int32_t>& left_a = a.evictions[layer][head].evicted_after;
      const std::vector<std::int32_t>& left_b = b.evictions[layer][head].evicted_after;
      for (std::int64_t j = 0; j < tokens; ++j) {
        const auto at = static_cast<std::size_t>(j);
        // Whatever leaves after a token before the ending was decided with those tokens alone.
        const bool early = std::min(left_a[at], left_b[at]) < tokens;
        if (!early || left_a[at] == left_b[at]) continue;
        return "layer " + std::to_string(layer) + ", KV head " + std::to_string(head) +
               ": the entry of position " + std::to_string(j) +
               " leaves at another moment when the tokens from position " + std::to_string(tokens) +
               " on change";
      }
    }
  }
  return "";
}

class Checks {
 public:
  Checks(const MethodChecksRequest& request, PluginHost& host, const RunControl& control)
      : request_(request),
        control_(control),
        files_(find_model(request.model)),
        facts_(read_description(files_).facts),
        method_(make_configured_method(request.method, host)),
        dense_(make_configured_method(
            parse_plugin_use(kDenseMethod, PluginKind::kMethod, "the baseline", host), host)) {
    if (request.tokens > facts_.max_positions) {
      throw Error({"the document is longer than the model was made for", request.model,
                   "at most " + std::to_string(facts_.max_positions) + " tokens",
                   std::to_string(request.tokens), "lower --tokens"});
    }
    bind_method(*method_, request.method.name, files_, facts_);
    LoadOptions load;
    load.threads = available_cores();
    model_ = Model::load(files_, load);
    const RandomKey key = RandomKey(request.seed).with("method checks");
    document_ = drawn_document(facts_, request.tokens, key);
    other_ending_ = document_;
    const std::int64_t end = ending_of(request.tokens);
    const TokenDocument other = drawn_document(facts_, request.tokens, key.with("ending"));
    std::copy(other.ids.begin() + end, other.ids.end(), other_ending_.ids.begin() + end);
  }

  std::vector<MethodCheck> made() {
    for (const Protocol& protocol : protocols_of(request_.tokens)) check(protocol);
    return std::move(checks_);
  }

 private:
  void check(const Protocol& protocol) {
    protocol_ = protocol.text();
    RunTerms terms;
    try {
      terms = terms_under(protocol);
    } catch (const Error& error) {
      return note("runs", Outcome::kFailed, error.what());
    }
    if (const std::optional<Refusal> refusal = refusal_of(terms)) {
      return note("runs", Outcome::kNotTried, refusal->problems.front().text());
    }
    std::optional<CheckedRuns> runs;
    try_claim("runs, and every invariant holds", [&] {
      terms.settings.reading = reconstruction_of(terms.settings.plan, files_);
      runs = run(*method_, terms, document_);
      return std::string();
    });
    if (!runs) return;
    if (const std::optional<Problem> inert = repeats_dense_in_fact(terms, *runs)) {
      return note("evicts", Outcome::kNotTried, inert->text());
    }
    const DocumentRun& first = runs->documents.front();
    compare_engines(terms, first);
    try_claim("does the same again", [&] {
      return difference(first, run(*method_, terms, document_).documents.front(), "the first run",
                        "the second run", 0);
    });
    try_claim("does not look ahead", [&] {
      return early_difference(first, run(*method_, terms, other_ending_).documents.front(),
                              ending_of(request_.tokens));
    });
    compare_with_dense(terms);
  }

  void compare_engines(RunTerms terms, const DocumentRun& first) {
    const char* claim = "replay and decode agree";
    if (terms.engine == Engine::kDecode) {
      return note(claim, Outcome::kNotTried, "a method that couples layers can only be decoded");
    }
    terms.engine = Engine::kDecode;
    // Last bits decide there on which side of a step of rounding a number falls, and with it what
    // leaves: what holds is a mean over documents (score_json.cpp).
    if (terms.settings.kv_dtype != KvDtype::kFloat32) {
      return note(claim, Outcome::kNotTried,
                  std::string("keys and values are held as ") + to_string(terms.settings.kv_dtype) +
                      "; score --engine both compares them");
    }
    try_claim(claim, [&] {
      return difference(first, run(*method_, terms, document_).documents.front(), "replay",
                        "decode", kEngineTolerance);
    });
  }

  void compare_with_dense(RunTerms terms) {
    const char* claim = "decoded with a budget for everything it is dense to the bit";
    if (!is_held_to_budget(terms.settings.plan) || terms.settings.plan.zeroes_channels) {
      return note(claim, Outcome::kNotTried, "no budget says what it keeps");
    }
    // Decoding attends in one way whatever is evicted; replay has ways that round otherwise.
    terms.engine = Engine::kDecode;
    terms.settings.budget_tokens = request_.tokens;
    std::optional<CheckedRuns> all;
    try {
      plan_run(*method_, terms.settings.positions, terms);
      all = run(*method_, terms, document_);
    } catch (const Error& error) {
      return note(claim, Outcome::kFailed, error.what());
    }
    if (terms.settings.plan.ranking == Ranking::kKeep &&
        eviction_was_seen(all->documents.front())) {
      return note(claim, Outcome::kNotTried,
                  "it has sizes of its own, and evicts under any budget");
    }
    try_claim(claim, [&] {
      plan_run(*dense_, terms.settings.positions, terms);
      const CheckedRuns dense = run(*dense_, terms, document_);
      return difference(all->documents.front(), dense.documents.front(), "the method", "dense", 0);
    });
  }

  RunTerms terms_under(const Protocol& free) const {
    const Protocol protocol = free.under(request_.method.server);
    RunTerms terms = terms_of(request_.method);
    terms.context_tokens = request_.tokens;
    terms.settings.protocol = protocol;
    terms.settings.random = RandomKey(request_.seed);
    terms.settings.threads = available_cores();
    terms.settings.check_views = true;
    const auto budget = [&] {
      return budget_from_sparsity(protocol.compressed_tokens(request_.tokens), request_.sparsity);
    };
    plan_run(*method_, request_.method.positions, budget, terms);
    terms.engine = choose_engine("auto", terms.settings.plan, terms.name);
    return terms;
  }

  CheckedRuns run(const Method& method, const RunTerms& terms, const TokenDocument& document) {
    // No more positions than tokens; a second reading of the prompt may take some.
    const ModelLimits limits = {facts_, /*beyond_positions=*/true, ""};
    return AdmittedRun(method, terms, limits).run(*model_, {document}, control_);
  }

  // `claim` holds where `broken` returns "" and throws no Error.
  template <typename Broken>
  void try_claim(const char* claim, const Broken& broken) {
    std::string reason;
    try {
      reason = broken();
    } catch (const Error& error) {
      reason = error.what();
    }
    note(claim, reason.empty() ? Outcome::kPassed : Outcome::kFailed, reason);
  }

  void note(const char* claim, Outcome outcome, std::string reason) {
    checks_.push_back({protocol_, claim, outcome, std::move(reason)});
  }

  const MethodChecksRequest& request_;
  const RunControl& control_;
  ModelFiles files_;
  ModelFacts facts_;
  std::unique_ptr<Method> method_;
  std::unique_ptr<Method> dense_;
  std::unique_ptr<Model> model_;
  TokenDocument document_;
  TokenDocument other_ending_;
  std::string protocol_;
  std::vector<MethodCheck> checks_;
};

}  // namespace

std::vector<MethodCheck> check_method(const MethodChecksRequest& request, PluginHost& host,
                                      const RunControl& control) {
  return Checks(request, host, control).made();
}

}  // namespace pressroom
