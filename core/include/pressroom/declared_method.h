// The short way to write a method: a declaration (declaration.h) and one function.
//
//   struct KeyNorm final : Scorer<KeyNorm> {
//     static Declaration<KeyNorm> declare() {
//       return Declaration<KeyNorm>("keeps the entries whose keys have the smallest norm");
//     }
//     at::Tensor score(const HeadView& head, const PolicyContext&) const {
//       return -head.keys().norm(2, -1);
//     }
//   };
//   PRESSROOM_METHOD(KeyNorm, "key_norm", "1.0.0")
//
// A method that keeps nothing between two events *is* its policy: the bases below make a policy
// that calls the method. Which base says what decides, and which function the method must have:
//
//   base            ranking      function, const, with `const PolicyContext&` behind
//   BirthScorer     kBirthScore  at::Tensor birth_scores(const EntriesView&)               [G,n]
//   Scorer          kScore       at::Tensor score(const HeadView&)                         [T]
//   LayerScorer     kScore       std::vector<at::Tensor> score_layer(const LayerView&)     G x [T]
//   Keeper          kKeep        Indices keep(const HeadView&)
//   LayerKeeper     kKeep        std::vector<Indices> keep_layer(const LayerView&)
//   SignalMethod    kSignal      none: the engine's statistic decides, Declaration::signal
//   StatefulMethod  as given     none; `struct Live`, a policy that keeps something from event to
//                                event
//
// The functions have the contracts of their namesakes in Policy (method.h), but one object serves
// all documents, layers and heads: they are called from several threads at once, so a method has no
// `mutable` member; what is kept belongs into a StatefulMethod's policy. A function that the method
// lacks is a compile error that names it. Methods around a method: wrapper.h.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "pressroom/declaration.h"
#include "pressroom/method.h"
#include "pressroom/selection.h"

namespace pressroom {

// A method whose plan is `kRanking` and what its declaration adds.
template <typename Self, Ranking kRanking>
class DeclaredMethod : public Declared<Self, Method> {
 public:
  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan;
    plan.ranking = kRanking;
    this->declaration().plan(static_cast<const Self&>(*this), budget_tokens, plan);
    return plan;
  }
};

template <typename Self>
using SignalMethod = DeclaredMethod<Self, Ranking::kSignal>;

// A method whose policy is its nested `struct Live`, made from the method and the context.
template <typename Self, Ranking kRanking>
class StatefulMethod : public DeclaredMethod<Self, kRanking> {
 public:
  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    return std::make_unique<typename Self::Live>(static_cast<const Self&>(*this), context);
  }
};

// The base of a policy that reads the method that made it, whose fields are not said again. The
// method outlives its policies.
//
//   struct Live final : PolicyOf<LazyMethod> {
//     using PolicyOf::PolicyOf;
//     at::Tensor score(const HeadView& head) override;  // uses `method` and `context`
//     at::Tensor last_scores;                           // what is kept from event to event
//   };
template <typename Self>
struct PolicyOf : Policy {
  PolicyOf(const Self& made_by, const PolicyContext& given) : method(made_by), context(given) {}

  const Self& method;
  PolicyContext context;
};

template <typename Self>
class BirthScorer : public DeclaredMethod<Self, Ranking::kBirthScore> {
 public:
  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    struct Adapter final : PolicyOf<Self> {
      using PolicyOf<Self>::PolicyOf;
      bool keeps_state() const override { return false; }
      at::Tensor birth_scores(const EntriesView& entries) override {
        return this->method.birth_scores(entries, this->context);
      }
    };
    return std::make_unique<Adapter>(static_cast<const Self&>(*this), context);
  }
};

template <typename Self>
class Scorer : public DeclaredMethod<Self, Ranking::kScore> {
 public:
  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    struct Adapter final : PolicyOf<Self> {
      using PolicyOf<Self>::PolicyOf;
      bool keeps_state() const override { return false; }
      at::Tensor score(const HeadView& head) override {
        return this->method.score(head, this->context);
      }
    };
    return std::make_unique<Adapter>(static_cast<const Self&>(*this), context);
  }
};

template <typename Self>
class LayerScorer : public DeclaredMethod<Self, Ranking::kScore> {
 public:
  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = DeclaredMethod<Self, Ranking::kScore>::plan(budget_tokens);
    plan.couples_heads = true;
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    struct Adapter final : PolicyOf<Self> {
      using PolicyOf<Self>::PolicyOf;
      bool keeps_state() const override { return false; }
      std::vector<at::Tensor> score_layer(const LayerView& layer) override {
        return this->method.score_layer(layer, this->context);
      }
    };
    return std::make_unique<Adapter>(static_cast<const Self&>(*this), context);
  }
};

template <typename Self>
class Keeper : public DeclaredMethod<Self, Ranking::kKeep> {
 public:
  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    struct Adapter final : PolicyOf<Self> {
      using PolicyOf<Self>::PolicyOf;
      bool keeps_state() const override { return false; }
      at::Tensor keep(const HeadView& head) override {
        return to_tensor(this->method.keep(head, this->context));
      }
    };
    return std::make_unique<Adapter>(static_cast<const Self&>(*this), context);
  }
};

template <typename Self>
class LayerKeeper : public DeclaredMethod<Self, Ranking::kKeep> {
 public:
  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = DeclaredMethod<Self, Ranking::kKeep>::plan(budget_tokens);
    plan.couples_heads = true;
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    struct Adapter final : PolicyOf<Self> {
      using PolicyOf<Self>::PolicyOf;
      bool keeps_state() const override { return false; }
      std::vector<at::Tensor> keep_layer(const LayerView& layer) override {
        return to_tensors(this->method.keep_layer(layer, this->context));
      }
    };
    return std::make_unique<Adapter>(static_cast<const Self&>(*this), context);
  }
};

}  // namespace pressroom
