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
//      Policy::score; or the full *keep* decision, for budgets that differ by head and for
//      thresholds: override Policy::keep.
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

// What a method asks of the engine. Resolved once per cell, before a model is loaded.
struct EvictionPlan {
  Ranking ranking = Ranking::kNone;
  Signal signal = Signal::kNone;  // for kSignal, or when a view's `signal` is used
  std::int64_t sinks = 0;         // entries with an original position below this never leave
  std::int64_t recents = 0;       // the last so many entries never leave
  std::int64_t interval = 1;      // evict at every interval-th step only
  Needs needs;
  Positions positions = Positions::kOriginal;  // the paper's choice; a cell may say otherwise
  bool couples_layers = false;  // decisions in one layer look at another: decode engine only
};

// What a policy may depend on besides the cache.
struct PolicyContext {
  ModelFacts model;
  std::int64_t layer = 0;
  std::int64_t budget_tokens = 0;
  RandomKey random;  // of this campaign seed, document and layer; derive with the head
};

// One method's live state for one document and one layer. Never reused, never shared: the engine
// calls it from one thread at a time.
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

  // For each KV head the indices (0 .. T-1, ascending, unique, int64) that stay. Called at every
  // eviction event, also where nothing has to leave. Protected entries must be among them. Heads
  // may keep different numbers of entries; the layer as a whole keeps at most G * budget_tokens.
  virtual std::vector<at::Tensor> keep(const LayerView& layer);
};

class Method : public Plugin {
 public:
  ~Method() override;

  // What the method asks under this budget. Pure: same answer every time. Throws Error where
  // budget and parameters contradict each other in a way the engine cannot see by itself.
  virtual EvictionPlan plan(std::int64_t budget_tokens) const = 0;

  // A new policy. The default one serves methods whose ranking needs no call-back.
  virtual std::unique_ptr<Policy> make_policy(const PolicyContext& context) const;
};

}  // namespace pressroom
