#include "golden/method_answers.h"

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "admission/admitted_run.h"
#include "admission/bind_method.h"
#include "base/utf8.h"
#include "campaign/plan.h"
#include "campaign/sampling.h"
#include "engine/parting.h"
#include "golden/golden.h"
#include "golden/kept_text.h"
#include "parallel/parallel_for.h"
#include "pressroom/error.h"
#include "protocol/protocol.h"

namespace pressroom {
namespace {

using AnswerJson = nlohmann::ordered_json;

// Small, so that methods which protect a window of 64 tokens have an answer, too.
constexpr double kGoldenSparsities[] = {0.25, 0.5};

std::vector<Protocol> golden_protocols() {
  Protocol stream;
  Protocol chunked;
  chunked.kind = ProtocolKind::kChunked;
  chunked.chunk_size = kGoldenDocumentTokens / 8;
  Protocol prefill;
  prefill.kind = ProtocolKind::kPrefill;
  prefill.prefill_tokens = kGoldenDocumentTokens / 4 * 3;
  return {stream, chunked, prefill};
}

double to_millionths(double nats) { return std::round(nats * 1e6) / 1e6; }

class MethodAnswers {
 public:
  MethodAnswers(const PluginUse& use, const StarterModel& starter, PluginHost& host,
                const RunControl& control)
      : use_(use),
        starter_(starter),
        control_(control),
        method_(make_configured_method(use, host)),
        document_(golden_document(starter.description.facts)),
        ids_sha256_(token_ids_sha256(document_.ids)) {
    bind_method(*method_, use.name, starter.files, starter.description.facts);
    model_ = load_starter_model(starter);
  }

  AnswerJson all() {
    AnswerJson answers = AnswerJson::array();
    bool is_allowed = false;
    bool is_settled = false;
    for (const Protocol& protocol : golden_protocols()) {
      for (const double sparsity : kGoldenSparsities) {
        AnswerJson answer = answer_under(protocol, sparsity);
        is_allowed = is_allowed || !answer.contains("refused");
        is_settled = is_settled || (!answer.contains("refused") && !answer.contains("settled"));
        // Of two budgets it would say the same twice.
        const bool takes_budget = answer.contains("budget_tokens");
        answers.push_back(std::move(answer));
        if (!takes_budget) break;
      }
    }
    if (!is_allowed) throw Error(problems_);
    if (!is_settled) {
      throw Error({"every golden answer hangs on rounding",
                   quoted_label(PluginKind::kMethod, use_.name),
                   "one run at least in which replay and decode do the same", "none",
                   "try it: pressroom test " + use_.name});
    }
    return answers;
  }

 private:
  AnswerJson answer_under(const Protocol& protocol, double sparsity) {
    RunTerms terms = terms_under(protocol, sparsity);
    AnswerJson answer = {{"protocol", protocol.text()}};
    if (is_held_to_budget(terms.settings.plan)) {
      answer["budget_tokens"] = terms.settings.budget_tokens;
    }
    if (const std::optional<Refusal> refusal = refusal_of(terms)) {
      problems_.insert(problems_.end(), refusal->problems.begin(), refusal->problems.end());
      answer["refused"] = escaped(refusal->problems.front().what);
      return answer;
    }
    terms.settings.reading = reconstruction_of(terms.settings.plan, starter_.files);
    // No more positions than tokens; a second reading of the prompt may take some.
    const DocumentRun run = run_of(terms);
    answer["engine"] = to_string(terms.engine);
    answer["ids_sha256"] = ids_sha256_;
    for (const auto& layer : run.kept) {
      AnswerJson& heads = answer["kept"].emplace_back(AnswerJson::array());
      for (const auto& head : layer) heads.push_back(kept_text(head));
    }
    for (const double nll : run.nll_nats) answer["nll_nats"].push_back(to_millionths(nll));
    if (!engines_agree(terms, run)) answer["settled"] = false;
    return answer;
  }

  // Whether another order of sums leaves the answer what it is, as far as the other engine can
  // tell: scores that are equal but for rounding may let another entry leave, here or elsewhere.
  bool engines_agree(RunTerms terms, const DocumentRun& decoded) const {
    terms.engine = choose_engine("auto", terms.settings.plan, terms.name);
    if (terms.engine == Engine::kDecode) return true;  // there is no other
    const DocumentRun replayed = run_of(terms);
    if (first_parting(decoded, replayed)) return false;
    for (std::size_t i = 0; i < decoded.nll_nats.size(); ++i) {
      if (std::abs(decoded.nll_nats[i] - replayed.nll_nats[i]) > kGoldenTolerance) return false;
    }
    return true;
  }

  DocumentRun run_of(const RunTerms& terms) const {
    // No more positions than tokens; a second reading of the prompt may take some.
    const ModelLimits limits = {starter_.description.facts, /*beyond_positions=*/true, ""};
    const AdmittedRun run(*method_, terms, limits);
    return std::move(run.run(*model_, {document_}, control_).documents.front());
  }

  RunTerms terms_under(const Protocol& free, double sparsity) const {
    const Protocol protocol = free.under(use_.server);
    RunTerms terms;
    terms.name = terms.where = use_.name;
    terms.context_tokens = kGoldenDocumentTokens;
    terms.engine = Engine::kDecode;
    terms.settings.protocol = protocol;
    terms.settings.random = RandomKey(0);
    terms.settings.threads = available_cores();
    terms.settings.method = quoted_label(PluginKind::kMethod, use_.name);
    terms.settings.check_views = true;
    plan_run(
        *method_, use_.positions,
        [&] {
          return budget_from_sparsity(protocol.compressed_tokens(kGoldenDocumentTokens), sparsity);
        },
        terms);
    return terms;
  }

  const PluginUse& use_;
  const StarterModel& starter_;
  const RunControl& control_;
  std::unique_ptr<Method> method_;
  std::unique_ptr<Model> model_;
  TokenDocument document_;
  std::string ids_sha256_;
  std::vector<Problem> problems_;  // why it may not run
};

}  // namespace

nlohmann::ordered_json method_answers(const PluginUse& use, const StarterModel& starter,
                                      PluginHost& host, const RunControl& control) {
  return MethodAnswers(use, starter, host, control).all();
}

}  // namespace pressroom
