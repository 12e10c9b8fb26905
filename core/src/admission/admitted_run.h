// The one door of every run: campaigns, single scores, calibrations, dense references and the bench
// ask here whether a method may run as it is told to, and run it here.
//
//   RunTerms terms;
//   terms.name = "h2o";
//   terms.where = "h2o on wikitext";
//   terms.context_tokens = 2048;
//   terms.settings.protocol = ...;
//   terms.settings.budget_tokens = 512;
//   plan_run(*method, {}, terms);                        // asks the method for its plan
//   terms.engine = choose_engine("auto", terms.settings.plan, terms.name);
//   if (auto refusal = refusal_of(terms)) ...            // before a model is loaded
//   const AdmittedRun run(*method, terms, limits);       // once the model is known
//   const CheckedRuns runs = run.run(model, documents, control);
//
// No number of a run that did not come through here is in a table; nor, of campaigns and scores, is
// that of a run that only repeated dense, and so says nothing about its method.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/run.h"
#include "pressroom/error.h"
#include "pressroom/method.h"

namespace pressroom {

// All that is fixed about a run but its model and its documents.
struct RunTerms {
  RunSettings settings;  // plan and positions are filled in by plan_run
  Engine engine = Engine::kReplay;
  std::int64_t context_tokens = 0;  // of a document
  std::string name;                 // the method's, as messages about its plan have it
  std::string where;                // the run, as messages about its numbers have it
};

// Asks `method` for its plan under the terms' budget, which is cut to whole pages where entries
// leave by the page; positions are those given, else the plan's own. Throws Error where the method
// throws or plans the impossible.
void plan_run(const Method& method, std::optional<Positions> positions, RunTerms& terms);

// plan_run under the entries that `budget` gives. That is not asked for a method that takes no
// budget: such a run is planned with room for the whole document.
void plan_run(const Method& method, std::optional<Positions> positions,
              const std::function<std::int64_t()>& budget, RunTerms& terms);

// Why a run may not begin.
struct Refusal {
  enum class Reason {
    kBudget,        // the budget does not hold what is protected
    kSetting,       // the method does not go with the protocol or the positions
    kRepeatsDense,  // nothing would leave before the last scored token
  };
  Reason reason;
  std::vector<Problem> problems;
};

// Everything that planned `terms` can be refused for before a model is known, the first reason of
// this order alone: budget, setting, a run that repeats dense. Nothing where the run is admitted.
std::optional<Refusal> refusal_of(const RunTerms& terms);

// What the model allows.
struct ModelLimits {
  const ModelFacts& facts;
  bool beyond_positions = false;  // the user allows more positions than it was made for
  std::string allowed_by;         // what the user would say to allow it, for the message
};

// Throws Error where a run under `terms` would use more positions than the model was made for and
// nobody allows it.
void check_limits(const RunTerms& terms, const ModelLimits& limits);

// Runs that were looked at: I2, I3, I4, I6, I10 and I13 hold in each (engine/invariants.h).
struct CheckedRuns {
  std::vector<DocumentRun> documents;
  double seconds = 0;  // wall time of the engine alone
};

class AdmittedRun {
 public:
  // `method` is bound to the model, outlives this, and made the plan of `terms`. Throws what
  // check_limits throws.
  AdmittedRun(const Method& method, RunTerms terms, const ModelLimits& limits);

  const RunTerms& terms() const { return terms_; }
  // More positions are used than the model was made for, and that is allowed.
  bool is_beyond_training() const { return is_beyond_training_; }

  // Runs `documents` and checks every invariant that can be checked on one run. Throws Error where
  // the method does something impossible or an invariant is broken, Interrupted on request.
  CheckedRuns run(const Model& model, const std::vector<TokenDocument>& documents,
                  const RunControl& control) const;

 private:
  const Method& method_;
  RunTerms terms_;
  bool is_beyond_training_ = false;
};

// Why a run of `tokens` tokens would, by its plan, only repeat dense: nothing leaves before its
// last scored target is predicted. Nothing for methods that do nothing, and for budgets that hold
// everything.
std::optional<Problem> nothing_evicted(const EvictionPlan& plan, const Protocol& protocol,
                                       std::int64_t budget_tokens, std::int64_t tokens,
                                       const std::string& method);

// Whether an entry left `run` early enough for a scored target to miss it.
bool eviction_was_seen(const DocumentRun& run);

// Why a row only repeats dense although its plan did not say so, as the plan of a method that keeps
// what it likes cannot: of its documents, `tokens` long, none saw an eviction (`is_seen`). Nothing
// for methods that evict nothing, and for budgets that hold everything.
std::optional<Problem> inert_in_fact(const EvictionPlan& plan, std::int64_t budget_tokens,
                                     std::int64_t tokens, bool is_seen, const std::string& method);

// Why `runs` only repeat dense though nothing said so beforehand; nothing where they do not.
std::optional<Problem> repeats_dense_in_fact(const RunTerms& terms, const CheckedRuns& runs);

}  // namespace pressroom
