#include "engine/run_questions.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

#include "engine/invariants.h"
#include "engine/question_branches.h"

namespace pressroom {
namespace {

// All questions of `documents`, at the budget of `settings`.
std::vector<DocumentRun> ask(Engine engine, const Model& model, const Method& method,
                             const RunSettings& settings,
                             const std::vector<TokenDocument>& documents,
                             const RunControl& control) {
  const QuestionBranches branches(documents, settings.protocol);
  const RunSettings as_prefill = QuestionBranches::settings(settings);
  const auto run = engine == Engine::kReplay ? replay_documents : decode_documents;
  std::vector<DocumentRun> runs = run(model, method, as_prefill, branches.documents(), control);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    check_invariants(runs[i], as_prefill, branches.documents()[i]);
  }
  return branches.joined(std::move(runs));
}

}  // namespace

std::vector<DocumentRun> run_questions(Engine engine, const Model& model, const Method& method,
                                       const RunSettings& settings,
                                       const std::vector<TokenDocument>& documents,
                                       const RunControl& control) {
  if (!settings.sparsity || !takes_budget(settings.plan)) {
    return ask(engine, model, method, settings, documents, control);
  }
  std::map<std::int64_t, std::vector<std::size_t>> of_budget;
  std::vector<RunSettings> own;
  for (const TokenDocument& document : documents) {
    own.push_back(settings_for(document, settings, method));
    of_budget[own.back().budget_tokens].push_back(own.size() - 1);
  }
  std::vector<DocumentRun> runs(documents.size());
  for (const auto& [budget, indices] : of_budget) {
    std::vector<TokenDocument> asked;
    for (const std::size_t i : indices) asked.push_back(documents[i]);
    std::vector<DocumentRun> group =
        ask(engine, model, method, own[indices.front()], asked, control);
    for (std::size_t k = 0; k < indices.size(); ++k) runs[indices[k]] = std::move(group[k]);
  }
  return runs;
}

}  // namespace pressroom
