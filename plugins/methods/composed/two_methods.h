// What methods around two methods share: the plan that serves both, and a policy that has both.
//
//   struct Composed final : Declared<Composed, TwoMethods> {
//     static Declaration<Composed> declare() {
//       return Declaration<Composed>("two methods in a row")
//           .parameter(&Composed::first, inner_method("first", "evicts first"))
//           .parameter(&Composed::second, inner_method("second", "evicts from the rest"));
//     }
#pragma once

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "pressroom/declared_method.h"
#include "pressroom/error.h"
#include "pressroom/wrapper.h"

namespace pressroom {

// Whether entries get a score at birth.
inline bool scores_at_birth(const EvictionPlan& plan) {
  return plan.birth_scores || plan.ranking == Ranking::kBirthScore;
}

struct TwoMethods : Method {
  InnerMethod first, second;  // the first two parameters declared

  // Binds both.
  void bind(const ModelContext& context) override {
    first->bind(context);
    second->bind(context);
  }
  // Those of both.
  std::vector<std::string> files() const override {
    std::vector<std::string> files = first->files();
    for (std::string& file : second->files()) files.push_back(std::move(file));
    return files;
  }

  [[noreturn]] void refuse(const std::string& why, const std::string& expected) const {
    const std::vector<ParameterSpec> declared = describe().parameters;
    throw Error({why, "parameters " + declared.at(0).name + " and " + declared.at(1).name, expected,
                 first->describe().summary + "; " + second->describe().summary,
                 "name another method under one of them"});
  }

  // What both ask for, with Ranking::kKeep of coupled heads: the larger of counts, the wider of
  // scopes, cache_index positions where either wants them; `interval` and `phases` are those of
  // `b`. Throws Error where the engine cannot give both what they need: it keeps one statistic and
  // one birth score for each entry.
  EvictionPlan plan_of_both(const EvictionPlan& a, const EvictionPlan& b) const {
    if (scores_at_birth(a) && scores_at_birth(b)) {
      refuse("both methods rank by birth scores", "one that does: an entry has one birth score");
    }
    if (a.signal != Signal::kNone && b.signal != Signal::kNone && a.signal != b.signal) {
      refuse("the methods rank by different signals", "one signal: an entry has one statistic");
    }
    const auto holds = [](const EvictionPlan& plan) { return plan.ranking != Ranking::kNone; };
    if (holds(a) && holds(b) && a.share != b.share) {
      refuse("the methods have different heads share their entries", "the same share for both");
    }
    if (a.zeroes_channels && b.zeroes_channels) {
      refuse("both methods zero channels", "one that does");
    }
    EvictionPlan plan = b;
    plan.ranking = Ranking::kKeep;
    plan.signal = std::max(a.signal, b.signal);
    plan.birth_scores = scores_at_birth(a) || scores_at_birth(b);
    plan.sinks = std::max(a.sinks, b.sinks);
    plan.recents = std::max(a.recents, b.recents);
    plan.needs = needs_of_both(a.needs, b.needs);
    plan.positions = std::max(a.positions, b.positions);
    plan.scope = std::max(a.scope, b.scope);
    plan.sized_by_budget = takes_budget(a) || takes_budget(b);
    plan.share = holds(a) ? a.share : b.share;
    plan.zeroes_channels = a.zeroes_channels || b.zeroes_channels;
    plan.couples_heads = true;
    plan.couples_layers = a.couples_layers || b.couples_layers;
    return plan;
  }

  Needs needs_of_both(const Needs& a, const Needs& b) const {
    const auto rereads = [](const Needs& x) { return x.reconstruction != Reconstruction::kNone; };
    const auto reading = [](const Needs& x) {
      return std::tie(x.reconstruction, x.reconstruction_prompt);
    };
    if (rereads(a) && rereads(b) && reading(a) != reading(b)) {
      refuse("the methods need different second readings of the prompt", "the same for both");
    }
    Needs needs = rereads(a) ? a : b;
    needs.query_window = std::max(a.query_window, b.query_window);
    needs.keys_before_rope = a.keys_before_rope || b.keys_before_rope;
    needs.query_moments = a.query_moments || b.query_moments;
    needs.attention_input = a.attention_input || b.attention_input;
    needs.held_inputs = a.held_inputs || b.held_inputs;
    needs.output_projection = a.output_projection || b.output_projection;
    return needs;
  }
};

// The base of a policy that reads the method that made it, as PolicyOf, and has the policies of
// both. Gives the one that scores at birth its say.
template <typename Self>
struct PolicyOfTwo : PolicyOf<Self> {
  // Each protects at least `sinks` and `recents`.
  PolicyOfTwo(const Self& made_by, const PolicyContext& given, std::int64_t sinks,
              std::int64_t recents)
      : PolicyOf<Self>(made_by, given),
        first(*made_by.first, given),
        second(*made_by.second, given) {
    first.protect(sinks, recents);
    second.protect(sinks, recents);
  }

  at::Tensor birth_scores(const EntriesView& entries) override {
    return (scores_at_birth(first.plan()) ? first : second).policy().birth_scores(entries);
  }

  InnerPolicy first, second;
};

}  // namespace pressroom
