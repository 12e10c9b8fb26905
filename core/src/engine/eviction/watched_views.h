// Views that remember what they have shown, so that it can be told afterwards whether it was
// written to.
//
//   ShownTensors shown;
//   policy.score(WatchedHead(view, shown));
//   shown.written();      // "keys" of a policy that wrote to them, "" of one that only read
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "pressroom/cache_view.h"

namespace pressroom {

// The tensors shown in one call, each with a checksum of its bytes. They are held, so that what was
// a copy made for the call is looked at like the cache itself.
class ShownTensors {
 public:
  // Returns `tensor`. A copy beyond the first 64 is not looked at: nothing else sees it.
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

}  // namespace pressroom
