#include "engine/eviction/guarded_policy.h"

#include <utility>

#include "engine/eviction/watched_views.h"
#include "plugin/state_guard.h"
#include "pressroom/error.h"

namespace pressroom {

GuardedPolicy::GuardedPolicy(std::unique_ptr<Policy> policy, std::string label, bool is_watched,
                             at::Tensor reconstruction)
    : policy_(std::move(policy)),
      label_(std::move(label)),
      is_watched_(is_watched),
      reconstruction_(std::move(reconstruction)) {}

GuardedPolicy::~GuardedPolicy() {
  const ThreadGuard guard;  // a destructor cannot be refused: what it changes is put back
  policy_.reset();
}

template <typename Watched, typename View, typename Call>
auto GuardedPolicy::guarded(const View& view, Call&& call) -> decltype(call(view)) {
  if (!is_watched_) return under<ThreadGuard>([&] { return call(view); }, label_);
  ShownTensors shown;
  shown.note("scores of the second reading", reconstruction_);
  auto answer = under<ThreadGuard>([&] { return call(Watched(view, shown)); }, label_);
  const std::string written = shown.written();
  if (written.empty()) return answer;
  throw Error({label_ + " wrote to the " + written + " it was shown", "",
               "views that are only read: most of them are the cache itself",
               "other bytes after the call than before it",
               "fix the method: change a copy, as clone() makes one"});
}

at::Tensor GuardedPolicy::birth_scores(const EntriesView& entries) {
  return guarded<WatchedEntries>(
      entries, [&](const EntriesView& view) { return policy_->birth_scores(view); });
}

at::Tensor GuardedPolicy::score(const HeadView& head) {
  return guarded<WatchedHead>(head, [&](const HeadView& view) { return policy_->score(view); });
}

std::vector<at::Tensor> GuardedPolicy::score_layer(const LayerView& layer) {
  return guarded<WatchedLayer>(layer,
                               [&](const LayerView& view) { return policy_->score_layer(view); });
}

at::Tensor GuardedPolicy::keep(const HeadView& head) {
  return guarded<WatchedHead>(head, [&](const HeadView& view) { return policy_->keep(view); });
}

std::vector<at::Tensor> GuardedPolicy::keep_layer(const LayerView& layer) {
  return guarded<WatchedLayer>(layer,
                               [&](const LayerView& view) { return policy_->keep_layer(view); });
}

at::Tensor GuardedPolicy::zeroed_channels(const HeadView& head) {
  return guarded<WatchedHead>(head,
                              [&](const HeadView& view) { return policy_->zeroed_channels(view); });
}

std::vector<at::Tensor> GuardedPolicy::ranked_by() const {
  return under<ThreadGuard>([&] { return policy_->ranked_by(); }, label_);
}

}  // namespace pressroom
