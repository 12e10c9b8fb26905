#include "engine/eviction/views.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "pressroom/error.h"

namespace pressroom {
namespace {

at::Tensor borrow(const float* data, at::IntArrayRef shape) {
  return at::from_blob(const_cast<float*>(data), shape, at::kFloat);
}

// A copy in int64: positions say what leaves and ids say what is scored, so none may be written to,
// and both are small beside keys.
template <typename Number>
at::Tensor copied(const Number* data, std::int64_t count) {
  at::Tensor numbers = at::empty({count}, at::kLong);
  std::copy_n(data, count, numbers.data_ptr<std::int64_t>());
  return numbers;
}

}  // namespace

void require(bool declared, const char* what, const char* need) {
  if (declared) return;
  throw Error({std::string("a method asked for ") + what + " without declaring it", "",
               std::string(need) + " set in EvictionPlan::needs", "not set", "fix the method"});
}

std::int64_t CachedHeadView::next_position() const {
  const bool by_index = layer_.setup().positions == Positions::kCacheIndex;
  return by_index ? size() : layer_.last_position() + 1;
}

at::Tensor CachedHeadView::tensor(Quantity quantity) const {
  switch (quantity) {
    case Quantity::kPositions:
      return copied(head_.positions().data(), size());
    case Quantity::kTokenIds:
      return copied(head_.token_ids().data(), size());
    case Quantity::kKeys:
      return rotated_keys();
    case Quantity::kValues:
      return vectors(head_.values());
    case Quantity::kSignal:
      return collected_signal();
    case Quantity::kBirthScores:
      require(head_.layout().birth_score, "birth scores", "EvictionPlan::birth_scores");
      return borrow(head_.birth_scores(), {size()});
    case Quantity::kKeysBeforeRope:
      return unrotated_keys();
    case Quantity::kQueries:
      return rotated_queries();
    case Quantity::kQueriesBeforeRope:
      require(layer_.setup().plan.needs.keys_before_rope, "queries before rotation",
              "keys_before_rope");
      return last_queries();
    case Quantity::kMeanQuery:
      return mean_of_queries();
    case Quantity::kQueryCovariance:
      return covariance_of_queries();
    case Quantity::kAttentionInputs:
      return held_inputs();
    case Quantity::kOutputProjection:
      return columns_of_w_o();
  }
  PRESSROOM_ASSERT(false);
  return {};
}

// [T,d] float32: the cache's own memory where it holds them so, else widened.
at::Tensor CachedHeadView::vectors(const StoredRows& rows) const {
  if (rows.dtype == KvDtype::kFloat32) return borrow(rows.floats(), {size(), rows.channels});
  at::Tensor widened = at::empty({size(), rows.channels}, at::kFloat);
  widen_rows(rows, size(), widened.data_ptr<float>(), rows.channels);
  return widened;
}

at::Tensor CachedHeadView::rotated_keys() const {
  const LayerSetup& setup = layer_.setup();
  const at::Tensor keys = vectors(head_.keys());
  if (setup.positions == Positions::kOriginal) return keys;
  at::Tensor rotated = at::empty_like(keys);
  const std::int64_t d = setup.model.head_dim;
  for (std::int64_t j = 0; j < size(); ++j) {
    setup.rotary->rotate(keys.data_ptr<float>() + j * d, j, rotated.data_ptr<float>() + j * d);
  }
  return rotated;
}

at::Tensor CachedHeadView::collected_signal() const {
  const Signal signal = layer_.setup().plan.signal;
  require(signal != Signal::kNone, "an attention statistic", "EvictionPlan::signal");
  const at::Tensor collected = borrow(head_.attention(), {size()});
  if (signal != Signal::kMeanAttention) return collected;
  at::Tensor mean = at::empty({size()}, at::kFloat);
  for (std::int64_t j = 0; j < size(); ++j) {
    mean.data_ptr<float>()[j] = head_.attention()[j] / static_cast<float>(layer_.last_position() -
                                                                          head_.positions()[j] + 1);
  }
  return mean;
}

at::Tensor CachedHeadView::unrotated_keys() const {
  const LayerSetup& setup = layer_.setup();
  require(setup.plan.needs.keys_before_rope, "keys before rotation", "keys_before_rope");
  const bool stored_raw = setup.positions == Positions::kCacheIndex;
  return vectors(stored_raw ? head_.keys() : head_.raw_keys());
}

// [g,w,d], not rotated.
at::Tensor CachedHeadView::last_queries() const {
  const LayerSetup& setup = layer_.setup();
  require(setup.plan.needs.query_window > 0, "queries", "query_window");
  const std::int64_t group = setup.model.group_size();
  const std::int64_t d = setup.model.head_dim;
  const QueryHistory& history = layer_.queries();
  at::Tensor queries = at::empty({group, history.size(), d}, at::kFloat);
  float* out = queries.data_ptr<float>();
  for (std::int64_t head = 0; head < group; ++head) {
    for (std::int64_t i = 0; i < history.size(); ++i, out += d) {
      std::copy_n(history.query(index_ * group + head, i), d, out);
    }
  }
  return queries;
}

at::Tensor CachedHeadView::rotated_queries() const {
  at::Tensor queries = last_queries();
  const LayerSetup& setup = layer_.setup();
  const std::int64_t newest = next_position() - 1;
  const std::int64_t window = queries.size(1);
  float* query = queries.data_ptr<float>();
  for (std::int64_t head = 0; head < queries.size(0); ++head) {
    for (std::int64_t i = 0; i < window; ++i, query += setup.model.head_dim) {
      const std::int64_t position = newest - (window - 1 - i);
      setup.rotary->rotate(query, std::max<std::int64_t>(position, 0), query);
    }
  }
  return queries;
}

at::Tensor CachedHeadView::mean_of_queries() const {
  const LayerSetup& setup = layer_.setup();
  require(setup.plan.needs.query_moments, "the mean query", "query_moments");
  const std::int64_t group = setup.model.group_size();
  const std::int64_t d = setup.model.head_dim;
  at::Tensor mean = at::empty({group, d}, at::kFloat);
  for (std::int64_t head = 0; head < group; ++head) {
    layer_.queries().mean(index_ * group + head, mean.data_ptr<float>() + head * d);
  }
  return mean;
}

at::Tensor CachedHeadView::covariance_of_queries() const {
  const LayerSetup& setup = layer_.setup();
  require(setup.plan.needs.query_moments, "the covariance of queries", "query_moments");
  const std::int64_t group = setup.model.group_size();
  const std::int64_t d = setup.model.head_dim;
  at::Tensor covariance = at::empty({group, d, d}, at::kFloat);
  for (std::int64_t head = 0; head < group; ++head) {
    layer_.queries().covariance(index_ * group + head, covariance.data_ptr<float>() + head * d * d);
  }
  return covariance;
}

at::Tensor CachedHeadView::held_inputs() const {
  require(layer_.setup().plan.needs.held_inputs, "the attention inputs of entries", "held_inputs");
  return layer_.attention_inputs().index_select(0, positions());
}

at::Tensor CachedHeadView::columns_of_w_o() const {
  const LayerSetup& setup = layer_.setup();
  require(setup.plan.needs.output_projection, "W_O", "output_projection");
  const std::int64_t width = setup.model.group_size() * setup.model.head_dim;
  const at::Tensor columns = layer_.place().output_projection.narrow(1, kv_head() * width, width);
  // A copy: what is written to it must not reach the model, which every later cell runs in.
  return columns.to(at::kFloat, /*non_blocking=*/false, /*copy=*/true);
}

at::Tensor TokenRowsView::positions() const {
  return at::arange(tokens_.position, tokens_.position + tokens_.count, at::kLong);
}

at::Tensor TokenRowsView::token_ids() const { return copied(tokens_.ids, tokens_.count); }

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

HeadViews views_of(const LayerState& state) {
  HeadViews views;
  const auto heads = static_cast<std::int64_t>(state.heads().size());
  for (std::int64_t index = 0; index < heads; ++index) {
    views.push_back(std::make_unique<CachedHeadView>(state, index));
  }
  return views;
}

at::Tensor MergedHeadView::tensor(Quantity quantity) const {
  const at::Tensor first = heads_.front()->tensor(quantity);
  // The same in all heads, and whole numbers: a mean of them is none.
  if (quantity == Quantity::kPositions || quantity == Quantity::kTokenIds) return first;
  at::Tensor sum = first.clone();
  for (std::size_t i = 1; i < heads_.size(); ++i) sum.add_(heads_[i]->tensor(quantity));
  return sum.div_(static_cast<double>(heads_.size()));
}

}  // namespace pressroom
