// The part of run_documents for protocol `questions`: each question is run as a document of its own
// (engine/question_branches.h), by either engine, and checked by itself.
#pragma once

#include <vector>

#include "engine/run.h"

namespace pressroom {

// As run_documents. Where the settings give a sparsity each document has a budget of its own:
// documents of one budget go together, and all budgets are checked before anything runs.
std::vector<DocumentRun> run_questions(Engine engine, const Model& model, const Method& method,
                                       const RunSettings& settings,
                                       const std::vector<TokenDocument>& documents,
                                       const RunControl& control);

}  // namespace pressroom
