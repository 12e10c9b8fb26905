// The contract of an eviction method ("press").
//
// A `Method` is configured once per cell and immutable afterwards. It declares an `EvictionPlan` -
// what decides, what is protected, what it needs - and makes a fresh `Policy` for every (document,
// layer). The engine does the rest: it protects sinks and recents, finds the entries that leave
// with one fixed tie rule, drops them physically, keeps the statistics, and measures.
//
// A method says what matters in the simplest of three ways:
//
//   1. a *birth score*, known when a token enters: override Policy::birth_scores;
//   2. an *engine signal*, a statistic of attention the engine keeps: name it in the plan, no
//      policy is needed;
//   3. a *score on demand* from a view of the cache at each eviction event: override
//      Policy::score; or the full *keep* decision, for regions, thresholds, and budgets that differ
//      by head: override Policy::keep.
//
// The whole of a method that keeps the entries with the smallest keys:
//
//   struct KnormPolicy : Policy {
//     at::Tensor birth_scores(const EntriesView& entries) override {
//       return -entries.keys().norm(2, -1);
//     }
//   };
//
// Higher scores stay. Of equal scores the newer entry stays. A NaN score is an Error.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pressroom/cache_view.h"
#include "pressroom/plugin_base.h"
#include "pressroom/random.h"
#include "pressroom/spans.h"
#include "pressroom/vocabulary.h"

namespace pressroom {

// What decides which entries stay.
enum class Ranking { kNone, kBirthScore, kSignal, kScore, kKeep };

// Statistics of attention that the engine keeps per entry, in float32. Attention probabilities are
// summed over the query heads of the KV head's group.
enum class Signal {
  kNone,
  kCumulativeAttention,  // sum over all queries since the entry's birth, its own included
  kMeanAttention,        // the same divided by the number of those queries
  kLastQueryAttention,   // the newest query alone
};

// What the budget is counted over. Beyond kHead the method shares it out: heads hold different
// numbers of entries, and their mean is at most the budget.
enum class BudgetScope {
  kHead,   // each KV head holds at most budget_tokens
  kLayer,  // the G heads of a layer together hold at most G * budget_tokens
  kModel,  // all L * G heads together hold at most L * G * budget_tokens
  kNone,   // nothing holds the method to a budget (thresholds, whole chunks); what it held is
           // measured. Where its sizes come from one all the same: EvictionPlan::sized_by_budget
};

// Which heads hold the same entries. Where heads share, the engine gives the policy one view in
// their place, whose signal, birth scores, keys and values are the means over them.
enum class Share { kKvHead, kLayer, kModel };

// When a method acts: on a prompt fed as one block, on what comes after it, or always.
enum class Phases { kAll, kPrefill, kDecoding };

// What a method asks of the engine. Resolved once per cell, before a model is loaded.
struct EvictionPlan {
  Ranking ranking = Ranking::kNone;
  Signal signal = Signal::kNone;  // for kSignal, or when a view's `signal` is used
  bool birth_scores = false;      // ask Policy::birth_scores though another ranking decides
  std::int64_t sinks = 0;         // entries with an original position below this never leave
  std::int64_t recents = 0;       // the last so many entries never leave
  std::int64_t interval = 1;      // evict at every interval-th step only
  Needs needs;
  Positions positions = Positions::kOriginal;  // the paper's choice; a cell may say otherwise
  BudgetScope scope = BudgetScope::kHead;      // kKeep only
  // Whether the budget decides in what no scope shows: sizes under kNone (about a budget, a share
  // of it for one phase), or scores (a share of it is ranked in another way). Inner methods say it
  // for their wrappers.
  bool sized_by_budget = false;
  Share share = Share::kKvHead;  // kModel: decode engine only
  Phases phases = Phases::kAll;
  bool zeroes_channels = false;  // ask Policy::zeroed_channels at events
  bool couples_heads = false;    // one head's decision looks at another: score_layer, keep_layer
  bool couples_layers = false;   // decisions in one layer look at another: decode engine only
};

// Whether the method is run once for each budget. It is given the budget then, whatever its scope;
// others run once, with the whole context for a budget.
inline bool takes_budget(const EvictionPlan& plan) {
  return plan.ranking != Ranking::kNone &&
         (plan.scope != BudgetScope::kNone || plan.sized_by_budget);
}

// The fewest entries that a KV head may be told to keep: what is protected, and one where that may
// be nothing of the newest. The rule for all methods, whoever sets the size: no eviction empties a
// cache. A smaller budget of a cell is refused before anything runs; a smaller size of a layer or a
// prompt by BudgetPolicy, when policies are made; and a run in which an eviction leaves a KV head
// with nothing - the KV heads of a layer, where they share out a budget - by check_held_on
// (engine/invariants.h).
inline std::int64_t least_entries(const EvictionPlan& plan) {
  return plan.sinks + (plan.recents > 1 ? plan.recents : 1);
}

// What a policy may depend on besides the cache.
struct PolicyContext {
  ModelFacts model;
  std::int64_t layer = 0;
  std::int64_t budget_tokens = 0;
  // Tokens that a sparsity is a fraction of: the prompt under `prefill`, else the document.
  std::int64_t context_tokens = 0;
  std::vector<SpanTokens> spans;  // of the document, in tokens; empty where it names none
  RandomKey random;               // of this campaign seed, document and layer; derive with the head
  // [L,G,P], of Needs::reconstruction: how much a second reading of the prompt leans on each of its
  // P tokens, all layers; undefined unless asked for.
  at::Tensor reconstruction;
};

// One method's live state for one document and one layer; where heads are not coupled the engine
// may make one for each KV head and run them in parallel. Never reused, never shared: each is
// called from one thread at a time.
class Policy {
 public:
  virtual ~Policy();

  // [G,n]: the score each new entry keeps for life. Called for every token in order, n at a time
  // with n the engine's choice, so the score of an entry may depend on earlier tokens but never on
  // later ones.
  virtual at::Tensor birth_scores(const EntriesView& entries);

  // [T]: scores of the entries of one head. Called at an eviction event for each head that holds
  // more than the budget. Protected entries are scored too and stay whatever their score.
  virtual at::Tensor score(const HeadView& head);

  // The same for all heads of the layer, [T] each, where EvictionPlan::couples_heads.
  virtual std::vector<at::Tensor> score_layer(const LayerView& layer);

  // The indices (0 .. T-1, ascending, unique, int64) of the entries of one head that stay. Called
  // at every eviction event, also where nothing has to leave. Protected entries must be among them.
  virtual at::Tensor keep(const HeadView& head);

  // The same for all heads of the layer, where EvictionPlan::couples_heads.
  virtual std::vector<at::Tensor> keep_layer(const LayerView& layer);

  // Channels of this head's keys (indices, int64) that are set to zero in all entries held now,
  // those that stay after the event. Only where EvictionPlan::zeroes_channels; `original`
  // positions.
  virtual at::Tensor zeroed_channels(const HeadView& head);

  // By what the last keep or keep_layer chose: [T] for each head that it was shown, or nothing
  // where it chose by no score of entries. Decides nothing: traces have it, and it is shown where
  // two engines part.
  virtual std::vector<at::Tensor> ranked_by() const;

  // Whether an answer may depend on earlier calls beyond what the view shows. A sequence whose
  // cache was saved goes on with new policies, so one that is evicted from further is taken up for
  // a policy that keeps nothing alone. What follows from the method and the context is no state.
  // True unless the policy says otherwise; those of the bases in declared_method.h, which call the
  // method, do.
  virtual bool keeps_state() const;
};

class Method : public Plugin {
 public:
  ~Method() override;

  // What the method asks under this budget. Pure: same answer every time, before `bind` and after.
  // Throws Error where budget and parameters contradict each other in a way the engine cannot see
  // by itself.
  virtual EvictionPlan plan(std::int64_t budget_tokens) const = 0;

  // Called once when the model is known, before any policy is made: the time to read weights that
  // belong to it, or to look up token ids. Throws Error when the method cannot serve this model.
  // The default does nothing.
  virtual void bind(const ModelContext& context);

  // The files that `bind` has read: results depend on what is in them. None by default.
  virtual std::vector<std::string> files() const;

  // A new policy. The default one serves methods whose ranking needs no call-back.
  virtual std::unique_ptr<Policy> make_policy(const PolicyContext& context) const;
};

}  // namespace pressroom
