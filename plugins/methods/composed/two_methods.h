// What methods around two methods share: the plan that serves both.
#pragma once

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "pressroom/error.h"
#include "pressroom/method.h"

namespace pressroom {

class TwoMethods : public Method {
 public:
  // Binds both.
  void bind(const ModelContext& context) override {
    first_->bind(context);
    second_->bind(context);
  }
  // Those of both.
  std::vector<std::string> files() const override {
    std::vector<std::string> files = first_->files();
    for (std::string& file : second_->files()) files.push_back(std::move(file));
    return files;
  }

 protected:
  // Takes the methods under the two names; to be called from `configure`.
  void take(const Parameters& parameters, const std::string& first, const std::string& second) {
    first_ = parameters.method(first);
    second_ = parameters.method(second);
    names_ = first + " and " + second;
  }
  const Method& first() const { return *first_; }
  const Method& second() const { return *second_; }

  [[noreturn]] void refuse(const std::string& why, const std::string& expected) const {
    throw Error({why, "parameters " + names_, expected,
                 first_->describe().summary + "; " + second_->describe().summary,
                 "name another method under one of them"});
  }

  // What both ask for, with Ranking::kKeep of coupled heads: the larger of counts, the wider of
  // scopes, cache_index positions where either wants them; `interval` and `phases` are those of
  // `b`. Throws Error where the engine cannot give both what they need: it keeps one statistic and
  // one birth score for each entry.
  EvictionPlan plan_of_both(const EvictionPlan& a, const EvictionPlan& b) const {
    const auto born = [](const EvictionPlan& plan) {
      return plan.birth_scores || plan.ranking == Ranking::kBirthScore;
    };
    if (born(a) && born(b)) {
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
    plan.birth_scores = born(a) || born(b);
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

 private:
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

  InnerMethod first_;
  InnerMethod second_;
  std::string names_;
};

}  // namespace pressroom
