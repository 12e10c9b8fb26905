// Sinks, a recent window, and between them a middle that is chosen anew only now and then.
#pragma once

#include <algorithm>
#include <map>

#include "pressroom/declared_method.h"

namespace pressroom {

// In tokens. A head over its capacity is cut to it; sinks and recents never leave.
struct LazySizes {
  std::int64_t sinks, recents;
  std::int64_t separators, heavy;  // the middle
  std::int64_t capacity() const { return sinks + recents + separators + heavy; }
};

// A full call keeps the entries that the method chooses and protects them. A call between only
// makes room: the oldest entries of the middle leave that no full call has chosen, then, where
// these are too few, the oldest that one has. Calls are counted from 0, also those that find room;
// those whose number `update_interval` divides are full.
template <typename Self>
struct LazyPolicy final : PolicyOf<Self> {
  LazyPolicy(const Self& made_by, const PolicyContext& given)
      : PolicyOf<Self>(made_by, given), sizes_(made_by.sizes(given.budget_tokens)) {}

  // Full calls alone ask nothing of what was chosen before.
  bool keeps_state() const override { return this->method.update_interval > 1; }

  at::Tensor keep(const HeadView& head) override {
    State& state = states_[head.kv_head()];
    const bool full = state.calls++ % this->method.update_interval == 0;
    const Indices all = all_of(head);
    if (head.size() <= sizes_.capacity()) return to_tensor(all);
    const IndexRange middle = evictable(head, sizes_.sinks, sizes_.recents);
    const at::Tensor held = head.positions().contiguous();
    const std::int64_t* positions = held.data_ptr<std::int64_t>();
    if (!full) return to_tensor(without(all, oldest(state, positions, middle)));
    const Indices kept = this->method.chosen(head, middle, sizes_);
    state.chosen.clear();
    for (const std::int64_t j : kept) state.chosen.push_back(positions[j]);
    return to_tensor(all_but(head, middle, kept));
  }

 private:
  struct State {
    std::int64_t calls = 0;
    Indices chosen;  // original positions, ascending
  };

  // Ascending indices of the entries of `middle` that leave to make room.
  Indices oldest(const State& state, const std::int64_t* positions, IndexRange middle) const {
    Indices free, chosen;
    for (std::int64_t j = middle.begin; j < middle.end; ++j) {
      const bool is_chosen =
          std::binary_search(state.chosen.begin(), state.chosen.end(), positions[j]);
      (is_chosen ? chosen : free).push_back(j);
    }
    const std::int64_t room = sizes_.separators + sizes_.heavy;
    const auto leaving = static_cast<std::size_t>(middle.size() - std::max<std::int64_t>(room, 0));
    chosen.resize(leaving > free.size() ? leaving - free.size() : 0);
    free.resize(std::min(free.size(), leaving));
    return merged(free, chosen);
  }

  LazySizes sizes_;
  std::map<std::int64_t, State> states_;  // by KV head
};

// A method of such policies. `Self` has
//
//   LazySizes sizes(std::int64_t budget_tokens) const
//   Indices chosen(const HeadView&, IndexRange middle, const LazySizes&) const
//
// the latter for the entries of the middle, ascending indices, that a full call keeps: with sinks
// and recents at most the capacity. `update_interval` 1 makes every call a full one.
template <typename Self>
struct LazyMethod : DeclaredMethod<Self, Ranking::kKeep> {
  std::int64_t n_sink = 0, update_interval = 1;
  TokensOrFraction heavy;
  Share share = Share::kKvHead;

  static ParameterSpec heavy_parameter() {
    return tokens_or_fraction(
               "heavy", 0,
               "heavy hitters: tokens, or a fraction of the budget; 0 for what the budget leaves")
        .alias("heavy_size");
  }

  // Under a budget of which the other regions take `taken`.
  std::int64_t heavy_tokens(std::int64_t budget_tokens, std::int64_t taken) const {
    return heavy.value > 0 ? heavy.tokens(budget_tokens) : budget_tokens - taken;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    return std::make_unique<LazyPolicy<Self>>(static_cast<const Self&>(*this), context);
  }
};

}  // namespace pressroom
