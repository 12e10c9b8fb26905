#include "engine/views.h"

#include <ATen/ATen.h>

#include "pressroom/error.h"

namespace pressroom {
namespace {

at::Tensor borrow(const float* data, at::IntArrayRef shape) {
  return at::from_blob(const_cast<float*>(data), shape, at::kFloat);
}

at::Tensor borrow(const std::vector<std::int64_t>& data) {
  return at::from_blob(const_cast<std::int64_t*>(data.data()),
                       {static_cast<std::int64_t>(data.size())}, at::kLong);
}

// [g,w,d], the last queries of the group of `kv_head`, not rotated.
at::Tensor last_queries(const LayerState& layer, std::int64_t kv_head) {
  const LayerSetup& setup = layer.setup();
  require(setup.plan.needs.query_window > 0, "queries", "query_window");
  const ModelFacts& model = setup.model;
  const std::int64_t group = model.group_size();
  const auto window = static_cast<std::int64_t>(layer.recent_queries().size());
  at::Tensor queries = at::empty({group, window, model.head_dim}, at::kFloat);
  for (std::int64_t i = 0; i < window; ++i) {
    const float* all = layer.recent_queries()[i].data();
    queries.select(1, i).copy_(
        borrow(all + kv_head * group * model.head_dim, {group, model.head_dim}));
  }
  return queries;
}

}  // namespace

void require(bool declared, const char* what, const char* need) {
  if (declared) return;
  throw Error({std::string("a method asked for ") + what + " without declaring it", "",
               std::string(need) + " set in EvictionPlan::needs", "not set", "mend the method"});
}

std::vector<float> signal_of(const HeadCache& head, Signal signal, std::int64_t last_position) {
  std::vector<float> values(head.attention(), head.attention() + head.size());
  if (signal != Signal::kMeanAttention) return values;
  for (std::size_t j = 0; j < values.size(); ++j) {
    values[j] /= static_cast<float>(last_position - head.positions()[j] + 1);
  }
  return values;
}

at::Tensor CachedHeadView::positions() const { return borrow(head_.positions()); }

at::Tensor CachedHeadView::token_ids() const { return borrow(head_.token_ids()); }

at::Tensor CachedHeadView::keys() const {
  const LayerSetup& setup = layer_.setup();
  const std::int64_t d = setup.model.head_dim;
  if (setup.positions == Positions::kOriginal) return borrow(head_.keys(), {size(), d});
  at::Tensor rotated = at::empty({size(), d}, at::kFloat);
  for (std::int64_t j = 0; j < size(); ++j) {
    setup.rotary->rotate(head_.keys() + j * d, j, rotated.data_ptr<float>() + j * d);
  }
  return rotated;
}

at::Tensor CachedHeadView::values() const {
  return borrow(head_.values(), {size(), layer_.setup().model.head_dim});
}

at::Tensor CachedHeadView::signal() const {
  const Signal signal = layer_.setup().plan.signal;
  require(signal != Signal::kNone, "an attention statistic", "EvictionPlan::signal");
  const std::vector<float> values = signal_of(head_, signal, layer_.last_position());
  return borrow(values.data(), {size()}).clone();
}

at::Tensor CachedHeadView::keys_before_rope() const {
  const LayerSetup& setup = layer_.setup();
  require(setup.plan.needs.keys_before_rope, "keys before rotation", "keys_before_rope");
  const bool stored_raw = setup.positions == Positions::kCacheIndex;
  return borrow(stored_raw ? head_.keys() : head_.raw_keys(), {size(), setup.model.head_dim});
}

at::Tensor CachedHeadView::queries_before_rope() const {
  require(layer_.setup().plan.needs.keys_before_rope, "queries before rotation",
          "keys_before_rope");
  return last_queries(layer_, kv_head_);
}

at::Tensor CachedHeadView::queries() const {
  at::Tensor queries = last_queries(layer_, kv_head_);
  const LayerSetup& setup = layer_.setup();
  const bool by_index = setup.positions == Positions::kCacheIndex;
  const std::int64_t newest = by_index ? size() - 1 : layer_.last_position();
  const std::int64_t window = queries.size(1);
  for (std::int64_t head = 0; head < queries.size(0); ++head) {
    for (std::int64_t i = 0; i < window; ++i) {
      float* query = queries[head][i].data_ptr<float>();
      const std::int64_t position = newest - (window - 1 - i);
      setup.rotary->rotate(query, std::max<std::int64_t>(position, 0), query);
    }
  }
  return queries;
}

at::Tensor CachedHeadView::output_projection() const {
  const LayerSetup& setup = layer_.setup();
  require(setup.plan.needs.output_projection, "W_O", "output_projection");
  const std::int64_t width = setup.model.group_size() * setup.model.head_dim;
  return layer_.output_projection().narrow(1, kv_head_ * width, width).to(at::kFloat);
}

CachedLayerView::CachedLayerView(const LayerState& layer) : layer_(layer) {
  for (std::int64_t head = 0; head < layer.setup().model.kv_heads; ++head) {
    heads_.emplace_back(layer, head);
  }
}

at::Tensor TokenRowsView::positions() const {
  return at::arange(tokens_.position, tokens_.position + tokens_.count, at::kLong);
}

at::Tensor TokenRowsView::token_ids() const {
  return at::from_blob(const_cast<std::int64_t*>(tokens_.ids), {tokens_.count}, at::kLong);
}

at::Tensor TokenRowsView::keys() const {
  const std::int64_t d = setup_.model.head_dim;
  return at::from_blob(const_cast<float*>(rotated_keys_), {setup_.model.kv_heads, tokens_.count, d},
                       {head_stride_, d, 1}, at::kFloat);
}

// [G,n,d]: the G heads of the rows that begin at head `first_head`, where they lie.
at::Tensor TokenRowsView::columns(std::int64_t first_head) const {
  const std::int64_t d = setup_.model.head_dim;
  return at::from_blob(const_cast<float*>(tokens_.qkv + first_head * d),
                       {setup_.model.kv_heads, tokens_.count, d}, {d, setup_.qkv_width(), 1},
                       at::kFloat);
}

at::Tensor TokenRowsView::keys_before_rope() const { return columns(setup_.model.query_heads); }

at::Tensor TokenRowsView::values() const {
  return columns(setup_.model.query_heads + setup_.model.kv_heads);
}

at::Tensor TokenRowsView::attention_input() const {
  require(setup_.plan.needs.attention_input, "the attention input", "attention_input");
  return borrow(tokens_.attention_input, {tokens_.count, setup_.model.hidden_size});
}

}  // namespace pressroom
