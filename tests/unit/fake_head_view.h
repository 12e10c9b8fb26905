// A head written down by hand, and a cache of one head that a policy can be driven through without
// a model: for the hand examples of methods.
//
//   HandCache cache(*method, 4);
//   for (const float score : {0, 1, 2, 9}) cache.step(score);
//   EXPECT_EQ(cache.held(), ...);
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <vector>

#include "pressroom/method.h"
#include "pressroom/selection.h"

namespace pressroom {

// What is not set, and what cannot be, throws.
struct HandHead : HeadView {
  Indices held;             // original positions
  Indices tokens;           // ids
  std::vector<float> sums;  // the signal
  at::Tensor raw_keys;      // [T,d], before rotation
  std::int64_t index = 0;   // of the KV head

  std::int64_t kv_head() const override { return index; }
  std::int64_t size() const override { return static_cast<std::int64_t>(held.size()); }
  std::int64_t next_position() const override { return held.empty() ? 0 : held.back() + 1; }
  at::Tensor tensor(Quantity quantity) const override {
    switch (quantity) {
      case Quantity::kPositions:
        return to_tensor(held);
      case Quantity::kTokenIds:
        return to_tensor(set(tokens));
      case Quantity::kSignal:
        return at::tensor(set(sums));
      case Quantity::kKeysBeforeRope:
        return raw_keys.defined() ? raw_keys : unset<at::Tensor>();
      default:
        return unset<at::Tensor>();
    }
  }

 private:
  template <typename T>
  static T unset() {
    throw std::logic_error("the hand-made head has no such tensor");
  }
  template <typename T>
  const std::vector<T>& set(const std::vector<T>& values) const {
    return values.size() == held.size() ? values : unset<const std::vector<T>&>();
  }
};

// `count` entries at positions 0, 1, ... with these statistics.
inline HandHead hand_head(std::vector<float> sums) {
  HandHead head;
  head.held = indices_of({0, static_cast<std::int64_t>(sums.size())});
  head.sums = std::move(sums);
  return head;
}

// One head under the stream protocol. Rankings by signal and score are the engine's work; here they
// are done over again from the words of method.h.
class HandCache {
 public:
  HandCache(const Method& method, std::int64_t budget_tokens)
      : plan_(method.plan(budget_tokens)), budget_(budget_tokens) {
    PolicyContext context;
    context.budget_tokens = budget_tokens;
    policy_ = method.make_policy(context);
  }

  // Token `id` enters with its statistic at `sum`, then the method acts.
  void step(float sum, std::int64_t id = 0) {
    head_.held.push_back(next_++);
    head_.tokens.push_back(id);
    head_.sums.push_back(sum);
    act();
  }

  // The next token enters and attends to all that is then held, its row of probabilities summed up.
  void attend(const std::vector<float>& row) {
    head_.held.push_back(next_++);
    head_.tokens.push_back(0);
    head_.sums.push_back(0);
    if (row.size() != head_.held.size()) throw std::logic_error("a row is of another length");
    for (std::size_t j = 0; j < row.size(); ++j) head_.sums[j] += row[j];
    act();
  }

  const Indices& held() const { return head_.held; }
  const std::vector<float>& sums() const { return head_.sums; }

 private:
  void act() {
    if (plan_.ranking == Ranking::kKeep) {
      const at::Tensor kept = policy_->keep(head_);
      const std::int64_t* first = kept.data_ptr<std::int64_t>();
      return hold(Indices(first, first + kept.numel()));
    }
    const std::int64_t over = head_.size() - budget_;
    if (over <= 0) return;
    const at::Tensor ranks =
        plan_.ranking == Ranking::kScore ? policy_->score(head_) : head_.signal();
    const IndexRange range = evictable(head_, plan_.sinks, plan_.recents);
    hold(without(indices_of({0, head_.size()}), lowest(to_floats(ranks).data(), range, over)));
  }

  void hold(const Indices& kept) {
    HandHead head;
    for (const std::int64_t index : kept) {
      const auto j = static_cast<std::size_t>(index);
      head.held.push_back(head_.held.at(j));
      head.tokens.push_back(head_.tokens.at(j));
      head.sums.push_back(head_.sums.at(j));
    }
    head_ = head;
  }

  EvictionPlan plan_;
  std::int64_t budget_;
  std::unique_ptr<Policy> policy_;
  HandHead head_;
  std::int64_t next_ = 0;
};

}  // namespace pressroom
