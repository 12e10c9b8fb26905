#include "engine/eviction/guarded_policy.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>

#include "base/pulse.h"
#include "plugin/boundary.h"
#include "pressroom/cache_view.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

// Each holds memory until the call returns.
constexpr std::size_t kMostCopies = 64;

// The tensors shown in one call, each with a checksum of its bytes, so that it can be told
// afterwards whether it was written to. They are held, so that what was a copy made for the call is
// looked at like the cache itself.
//
//   ShownTensors shown;
//   policy.score(WatchedHead(view, shown));
//   shown.written();      // "keys" of a policy that wrote to them, "" of one that only read
class ShownTensors {
 public:
  // Returns `tensor`. A copy beyond the first kMostCopies is not looked at: nothing else sees it.
  at::Tensor note(const char* what, at::Tensor tensor);

  // What the first tensor whose bytes have changed shows; "" where none has.
  std::string written() const;

 private:
  struct Shown {
    const char* what;
    at::Tensor tensor;
    std::size_t sum;
  };

  std::vector<Shown> shown_;
};

// Everything is borrowed.
class WatchedHead final : public HeadView {
 public:
  WatchedHead(const HeadView& head, ShownTensors& shown) : head_(head), shown_(shown) {}

  std::int64_t kv_head() const override { return head_.kv_head(); }
  std::int64_t size() const override { return head_.size(); }
  std::int64_t next_position() const override { return head_.next_position(); }
  at::Tensor tensor(Quantity quantity) const override {
    return shown_.note(to_string(quantity), head_.tensor(quantity));
  }

 private:
  const HeadView& head_;
  ShownTensors& shown_;
};

class WatchedLayer final : public LayerView {
 public:
  WatchedLayer(const LayerView& layer, ShownTensors& shown) : layer_(layer) {
    for (std::int64_t i = 0; i < layer.kv_heads(); ++i) heads_.emplace_back(layer.head(i), shown);
  }

  std::int64_t layer() const override { return layer_.layer(); }
  std::int64_t kv_heads() const override { return layer_.kv_heads(); }
  const HeadView& head(std::int64_t index) const override { return heads_[index]; }
  std::int64_t tokens_fed() const override { return layer_.tokens_fed(); }

 private:
  const LayerView& layer_;
  std::vector<WatchedHead> heads_;
};

class WatchedEntries final : public EntriesView {
 public:
  WatchedEntries(const EntriesView& entries, ShownTensors& shown)
      : entries_(entries), shown_(shown) {}

  std::int64_t size() const override { return entries_.size(); }
  at::Tensor positions() const override { return note("positions", entries_.positions()); }
  at::Tensor token_ids() const override { return note("token ids", entries_.token_ids()); }
  at::Tensor keys() const override { return note("keys", entries_.keys()); }
  at::Tensor values() const override { return note("values", entries_.values()); }
  at::Tensor keys_before_rope() const override {
    return note("keys before rotation", entries_.keys_before_rope());
  }
  at::Tensor attention_input() const override {
    return note("attention input", entries_.attention_input());
  }

 private:
  at::Tensor note(const char* what, at::Tensor tensor) const {
    return shown_.note(what, std::move(tensor));
  }

  const EntriesView& entries_;
  ShownTensors& shown_;
};

// Whether the tensor lies in memory of the engine's rather than in its own.
bool is_borrowed(const at::Tensor& tensor) {
  return tensor.storage().data_ptr().get_context() == nullptr;
}

std::size_t checksum(const at::Tensor& tensor) {
  const at::Tensor dense = tensor.contiguous();
  return std::hash<std::string_view>()(
      {static_cast<const char*>(dense.data_ptr()), dense.nbytes()});
}

at::Tensor ShownTensors::note(const char* what, at::Tensor tensor) {
  if (!tensor.defined()) return tensor;
  const bool is_known = std::any_of(shown_.begin(), shown_.end(), [&](const Shown& shown) {
    return shown.tensor.data_ptr() == tensor.data_ptr() && shown.tensor.sizes() == tensor.sizes();
  });
  // Of a view that is shown again the sum taken the first time stays: nobody had touched it then.
  if (is_known || (shown_.size() >= kMostCopies && !is_borrowed(tensor))) return tensor;
  shown_.push_back({what, tensor, checksum(tensor)});
  return tensor;
}

std::string ShownTensors::written() const {
  for (const Shown& shown : shown_) {
    if (checksum(shown.tensor) != shown.sum) return shown.what;
  }
  return "";
}

}  // namespace

GuardedPolicy::GuardedPolicy(std::unique_ptr<Policy> policy, std::string label,
                             std::string document, std::int64_t layer, bool is_watched,
                             at::Tensor reconstruction)
    : policy_(std::move(policy)),
      label_(std::move(label)),
      document_(std::move(document)),
      layer_(layer),
      is_watched_(is_watched),
      reconstruction_(std::move(reconstruction)) {}

GuardedPolicy::~GuardedPolicy() {
  const PluginCall inside("ending the policy of", document_, layer_);
  const ThreadGuard guard;  // a destructor cannot be refused: what it changes is put back
  policy_.reset();
}

template <typename Watched, typename View, typename Call>
auto GuardedPolicy::guarded(const char* doing, std::int64_t kv_head, const View& view, Call&& call)
    -> decltype(call(view)) {
  const PluginCall inside(doing, document_, layer_, kv_head);
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
      "scoring new entries of", -1, entries,
      [&](const EntriesView& view) { return policy_->birth_scores(view); });
}

at::Tensor GuardedPolicy::score(const HeadView& head) {
  return guarded<WatchedHead>("scoring", head.kv_head(), head,
                              [&](const HeadView& view) { return policy_->score(view); });
}

std::vector<at::Tensor> GuardedPolicy::score_layer(const LayerView& layer) {
  return guarded<WatchedLayer>("scoring", -1, layer,
                               [&](const LayerView& view) { return policy_->score_layer(view); });
}

at::Tensor GuardedPolicy::keep(const HeadView& head) {
  return guarded<WatchedHead>("choosing what stays of", head.kv_head(), head,
                              [&](const HeadView& view) { return policy_->keep(view); });
}

std::vector<at::Tensor> GuardedPolicy::keep_layer(const LayerView& layer) {
  return guarded<WatchedLayer>("choosing what stays of", -1, layer,
                               [&](const LayerView& view) { return policy_->keep_layer(view); });
}

at::Tensor GuardedPolicy::zeroed_channels(const HeadView& head) {
  return guarded<WatchedHead>("choosing channels of", head.kv_head(), head,
                              [&](const HeadView& view) { return policy_->zeroed_channels(view); });
}

std::vector<at::Tensor> GuardedPolicy::ranked_by() const {
  return under<ThreadGuard>([&] { return policy_->ranked_by(); }, label_);
}

bool GuardedPolicy::keeps_state() const {
  return under<ThreadGuard>([&] { return policy_->keeps_state(); }, label_);
}

}  // namespace pressroom
