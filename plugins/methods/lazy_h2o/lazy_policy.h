// Sinks, a recent window, and between them a middle that is chosen anew only now and then.
#pragma once

#include <algorithm>
#include <map>

#include "pressroom/selection.h"

namespace pressroom {

// Sizes in tokens. A head over `capacity` is cut to it; sinks and recents never leave.
struct LazyRegions {
  std::int64_t sinks = 0;
  std::int64_t recents = 0;
  std::int64_t capacity = 0;
  std::int64_t update_interval = 1;  // of the calls, those whose number divides by it are full
};

// A full call keeps the entries that `chosen` names and protects them. A call between only makes
// room: the oldest entries of the middle leave that no full call has chosen, then, where these are
// too few, the oldest that one has. Calls are counted from 0, also those that find room.
class LazyPolicy : public Policy {
 public:
  explicit LazyPolicy(const LazyRegions& regions) : regions_(regions) {}

  at::Tensor keep(const HeadView& head) final {
    State& state = states_[head.kv_head()];
    const bool full = state.calls++ % regions_.update_interval == 0;
    const Indices all = indices_of({0, head.size()});
    if (head.size() <= regions_.capacity) return to_tensor(all);
    const IndexRange middle = evictable(head, regions_.sinks, regions_.recents);
    const at::Tensor held = head.positions().contiguous();
    const std::int64_t* positions = held.data_ptr<std::int64_t>();
    if (!full) return to_tensor(without(all, oldest(state, positions, middle)));
    const Indices kept = chosen(head, middle);
    state.chosen.clear();
    for (const std::int64_t j : kept) state.chosen.push_back(positions[j]);
    return to_tensor(without(all, without(indices_of(middle), kept)));
  }

 protected:
  // The entries of `middle`, ascending indices, that a full call keeps: with sinks and recents at
  // most the capacity.
  virtual Indices chosen(const HeadView& head, IndexRange middle) const = 0;

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
    const std::int64_t room = regions_.capacity - regions_.sinks - regions_.recents;
    const auto leaving = static_cast<std::size_t>(middle.size() - std::max<std::int64_t>(room, 0));
    chosen.resize(leaving > free.size() ? leaving - free.size() : 0);
    free.resize(std::min(free.size(), leaving));
    return merged(free, chosen);
  }

  LazyRegions regions_;
  std::map<std::int64_t, State> states_;  // by KV head
};

}  // namespace pressroom
