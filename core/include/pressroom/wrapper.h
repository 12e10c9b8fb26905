// Methods around a method.
//
// A wrapper takes another method in YAML under the key `inner`, lets it say what its entries are
// worth - in whatever way the inner method ranks - and decides something else with that: how a
// budget is shared out, in what units entries leave, when.
//
//   struct Halves final : WrapperOf<Halves> {
//     static Declaration<Halves> declare() {
//       return Declaration<Halves>("half of the heads hold all").inner("the method that ranks");
//     }
//     std::vector<Indices> keep_layer(const LayerView& layer, InnerPolicy& inner,
//                                     const PolicyContext& context) const;
//   };
//
// `WrapperOf` is for wrappers that keep nothing between two events; one that does derives from
// StatefulWrapper and has a `struct Live final : WrapperPolicyOf<...>`.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pressroom/declaration.h"
#include "pressroom/method.h"
#include "pressroom/selection.h"

namespace pressroom {

class Wrapper : public Method {
 public:
  // Takes `inner`; wrappers with parameters of their own call this from theirs.
  void configure(const Parameters& parameters) override;
  // Binds the inner method.
  void bind(const ModelContext& context) override;
  // Those of the inner method.
  std::vector<std::string> files() const override;

  const Method& inner() const { return *inner_; }

  // Throws Error, with `why`, where `plan`, made around the inner method, couples layers or has
  // them share their entries: Declaration::refuses_coupled_layers.
  void refuse_coupled_layers(const EvictionPlan& plan, const std::string& why) const;

 protected:
  // An Error that says why the inner method makes no sense here.
  [[noreturn]] void refuse_inner(const std::string& why, const std::string& expected) const;

  // The inner method's plan, with `ranking` deciding and birth scores still asked for where the
  // inner method ranks by them. Throws Error where the inner method gives no scores: dense, or one
  // that decides by itself what to keep.
  EvictionPlan plan_around_scores(std::int64_t budget_tokens, Ranking ranking) const;

 private:
  InnerMethod inner_;
};

// The inner method as the policy of a wrapper uses it.
class InnerPolicy {
 public:
  // `inner` outlives this. Made for the context's budget.
  InnerPolicy(const Method& inner, const PolicyContext& context);

  const EvictionPlan& plan() const { return plan_; }
  Policy& policy() { return *policy_; }
  const Policy& policy() const { return *policy_; }

  // [T] for each view of `layer`, contiguous float32 in host memory: what the inner method would
  // rank by. Throws Error on a NaN and on a wrong shape.
  std::vector<at::Tensor> scores(const LayerView& layer);
  // The same for one head; the inner method does not couple heads.
  at::Tensor score(const HeadView& head);
  // As Policy::ranked_by: what the last `scores`, `score` or `keep` went by.
  const std::vector<at::Tensor>& ranked_by() const { return ranked_by_; }
  // As `scores`, with the entries the inner method protects above all others: at the largest score
  // of the layer's other entries plus 1, as the presses of kvpress score their sinks and windows.
  std::vector<at::Tensor> padded_scores(const LayerView& layer);

  // What of `layer` (of `head`) stays if the inner method leaves `budget_tokens` entries a head:
  // what it protects and the highest of the rest; all where there are no more; all for a method
  // that ranks nothing. One that decides by itself is asked, whatever `budget_tokens`.
  std::vector<Indices> keep(const LayerView& layer, std::int64_t budget_tokens);
  Indices keep(const HeadView& head, std::int64_t budget_tokens);
  // The same by `scores` [T] that are known already.
  Indices keep(const HeadView& head, const at::Tensor& scores, std::int64_t budget_tokens) const;
  std::vector<Indices> keep(const LayerView& layer, const std::vector<at::Tensor>& scores,
                            std::int64_t budget_tokens) const;

  // What of `head` the inner method protects.
  Indices protected_entries(const HeadView& head) const;
  // Protects at least this much from now on.
  void protect(std::int64_t sinks, std::int64_t recents);

 private:
  at::Tensor scored(const HeadView& head);
  Indices kept(const HeadView& head, std::int64_t budget_tokens, at::Tensor& ranks);

  EvictionPlan plan_;
  std::unique_ptr<Policy> policy_;
  std::vector<at::Tensor> ranked_by_;
};

// The base of a wrapper's policy: gives the inner method its say at birth. Its scores are taken for
// those that decide, unless the wrapper overrides ranked_by.
class WrapperPolicy : public Policy {
 public:
  WrapperPolicy(const Method& inner, const PolicyContext& context) : inner_(inner, context) {}
  at::Tensor birth_scores(const EntriesView& entries) override {
    return inner_.policy().birth_scores(entries);
  }
  std::vector<at::Tensor> ranked_by() const override { return inner_.ranked_by(); }

 protected:
  InnerPolicy inner_;
};

// For Ranking::kKeep around a method that is to leave another budget than the cell's: the
// context's.
class BudgetPolicy final : public WrapperPolicy {
 public:
  // Throws Error where the context's budget is below least_entries() of the inner method.
  BudgetPolicy(const Method& inner, const PolicyContext& context);
  at::Tensor keep(const HeadView& head) override;
  std::vector<at::Tensor> keep_layer(const LayerView& layer) override;
  bool keeps_state() const override { return inner_.policy().keeps_state(); }

 private:
  std::int64_t budget_tokens_;
};

// A wrapper that ranks by `kRanking` around an inner method that scores, and whose declaration adds
// the rest of the plan.
template <typename Self, Ranking kRanking = Ranking::kKeep>
class DeclaredWrapper : public Declared<Self, Wrapper> {
 public:
  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = this->plan_around_scores(budget_tokens, kRanking);
    this->declaration().plan(static_cast<const Self&>(*this), budget_tokens, plan);
    return plan;
  }
};

// A wrapper whose policy is its nested `struct Live`, as StatefulMethod.
template <typename Self, Ranking kRanking = Ranking::kKeep>
class StatefulWrapper : public DeclaredWrapper<Self, kRanking> {
 public:
  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    return std::make_unique<typename Self::Live>(static_cast<const Self&>(*this), context);
  }
};

// The base of a policy that reads the wrapper that made it, as PolicyOf.
template <typename Self>
struct WrapperPolicyOf : WrapperPolicy {
  WrapperPolicyOf(const Self& made_by, const PolicyContext& given)
      : WrapperPolicy(made_by.inner(), given), method(made_by), context(given) {}

  const Self& method;
  PolicyContext context;
};

// A wrapper that is its own policy, and decides over all heads of a layer:
//
//   std::vector<Indices> keep_layer(const LayerView&, InnerPolicy&, const PolicyContext&) const
template <typename Self>
class WrapperOf : public DeclaredWrapper<Self> {
 public:
  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = DeclaredWrapper<Self>::plan(budget_tokens);
    plan.couples_heads = true;
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    struct Adapter final : WrapperPolicyOf<Self> {
      using WrapperPolicyOf<Self>::WrapperPolicyOf;
      bool keeps_state() const override { return this->inner_.policy().keeps_state(); }
      std::vector<at::Tensor> keep_layer(const LayerView& layer) override {
        return to_tensors(this->method.keep_layer(layer, this->inner_, this->context));
      }
    };
    return std::make_unique<Adapter>(static_cast<const Self&>(*this), context);
  }
};

}  // namespace pressroom
