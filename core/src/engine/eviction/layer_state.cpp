#include "engine/eviction/layer_state.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/cache/violations.h"
#include "model/products.h"
#include "parallel/parallel_for.h"

namespace pressroom {

QueryHistory::QueryHistory(const LayerSetup& setup, std::int64_t query_heads, std::int64_t tokens)
    : heads_(query_heads),
      head_dim_(setup.model.head_dim),
      capacity_(std::min(setup.plan.needs.query_window, tokens)),
      moments_(setup.plan.needs.query_moments),
      first_counted_(setup.plan.sinks),
      rows_(static_cast<std::size_t>(capacity_ * heads_ * head_dim_)) {
  if (!moments_) return;
  sums_.resize(static_cast<std::size_t>(heads_ * head_dim_));
  squares_.resize(static_cast<std::size_t>(heads_ * head_dim_ * head_dim_));
}

void QueryHistory::add(std::int64_t position, const float* queries) {
  if (capacity_ > 0) {
    std::copy_n(queries, heads_ * head_dim_, rows_.begin() + next_ * heads_ * head_dim_);
    next_ = (next_ + 1) % capacity_;
    size_ = std::min(size_ + 1, capacity_);
  }
  if (moments_ && position >= first_counted_) add_to_moments(queries);
}

void QueryHistory::add_to_moments(const float* queries) {
  ++counted_;
  for (std::int64_t head = 0; head < heads_; ++head) {
    const float* q = queries + head * head_dim_;
    double* sum = sums_.data() + head * head_dim_;
    for (std::int64_t a = 0; a < head_dim_; ++a) {
      const double scale = q[a];
      double* row = squares_.data() + (head * head_dim_ + a) * head_dim_;
      sum[a] += scale;  // in double: a covariance is a difference of these large sums
#pragma omp simd
      for (std::int64_t b = 0; b < head_dim_; ++b) row[b] += scale * static_cast<double>(q[b]);
    }
  }
}

const float* QueryHistory::query(std::int64_t head, std::int64_t i) const {
  const std::int64_t row = (next_ + capacity_ - size_ + i) % capacity_;
  return rows_.data() + (row * heads_ + head) * head_dim_;
}

void QueryHistory::mean(std::int64_t head, float* out) const {
  const double count = static_cast<double>(std::max<std::int64_t>(counted_, 1));
  for (std::int64_t a = 0; a < head_dim_; ++a) {
    out[a] = static_cast<float>(sums_[head * head_dim_ + a] / count);
  }
}

void QueryHistory::covariance(std::int64_t head, float* out) const {
  const double count = static_cast<double>(std::max<std::int64_t>(counted_, 1));
  const double* sum = sums_.data() + head * head_dim_;
  for (std::int64_t a = 0; a < head_dim_; ++a) {
    const double* row = squares_.data() + (head * head_dim_ + a) * head_dim_;
    const double mean = sum[a] / count;
    for (std::int64_t b = 0; b < head_dim_; ++b) {
      out[a * head_dim_ + b] = static_cast<float>(row[b] / count - mean * (sum[b] / count));
    }
  }
}

LayerState::LayerState(const LayerSetup& setup, LayerPlace place)
    : setup_(setup),
      place_(std::move(place)),
      evictions_(static_cast<std::size_t>(place_.heads.count), EvictionLog(place_.tokens)),
      queries_(setup, place_.heads.count * setup.model.group_size(), place_.tokens) {
  heads_.reserve(static_cast<std::size_t>(place_.heads.count));
  for (std::int64_t head = 0; head < place_.heads.count; ++head) {
    heads_.emplace_back(setup.entry_layout(), std::min(setup.most_entries, place_.tokens));
  }
  // Replay knows the inputs of all tokens and lends them; decoding collects them as they come.
  owns_inputs_ = setup.plan.needs.held_inputs && !place_.attention_inputs.defined();
  if (owns_inputs_) {
    place_.attention_inputs = at::empty({place_.tokens, setup.model.hidden_size}, at::kFloat);
  }
}

std::string LayerState::where(std::int64_t index) const {
  return "layer " + std::to_string(place_.layer) + ", kv head " +
         std::to_string(first_head() + index) + ", step " + std::to_string(last_position_);
}

void LayerState::feed(const TokenRows& tokens, float* out, AttentionScratch& scratch) {
  last_position_ = tokens.position + tokens.count - 1;
  tokens_fed_ = tokens.count;
  remember(tokens);
  append(tokens);
  const std::int64_t group_width = setup_.model.group_size() * setup_.model.head_dim;
  float* first = out + first_head() * group_width;
  // One token of a head is too little work to hand to another thread; whoever decodes or replays
  // many shares out documents or heads.
  if (tokens.count == 1) {
    for (std::int64_t index = 0; index < place_.heads.count; ++index) {
      attend_head(index, tokens, first + index * group_width, scratch);
    }
    return;
  }
  parallel_for(place_.heads.count, product_thread_count(), [&](std::int64_t index) {
    const c10::InferenceMode no_gradients;
    AttentionScratch own;
    attend_head(index, tokens, first + index * group_width, own);
  });
}

void LayerState::remember(const TokenRows& tokens) {
  const std::int64_t first_query = first_head() * setup_.model.group_size() * setup_.model.head_dim;
  for (std::int64_t i = 0; i < tokens.count; ++i) {
    queries_.add(tokens.position + i, tokens.qkv + i * setup_.qkv_width() + first_query);
  }
  if (!owns_inputs_) return;
  const std::int64_t width = setup_.model.hidden_size;
  std::copy_n(tokens.attention_input, tokens.count * width,
              place_.attention_inputs.data_ptr<float>() + tokens.position * width);
}

void LayerState::append(const TokenRows& tokens) {
  const std::int64_t d = setup_.model.head_dim;
  const std::int64_t kv_heads = setup_.model.kv_heads;
  const std::int64_t key_columns = setup_.model.query_heads * d;
  // Under cache_index a key is stored as it came: its position changes with what leaves, and it is
  // rotated anew for each step.
  const bool by_index = setup_.positions == Positions::kCacheIndex;
  const float* scores = tokens.birth_scores;
  rotated_keys_.resize(static_cast<std::size_t>(d));
  for (std::int64_t index = 0; index < place_.heads.count; ++index) {
    const std::int64_t head = first_head() + index;
    for (std::int64_t i = 0; i < tokens.count; ++i) {
      const float* raw = tokens.qkv + i * setup_.qkv_width() + key_columns + head * d;
      if (!by_index) setup_.rotary->rotate(raw, tokens.position + i, rotated_keys_.data());
      heads_[index].append(tokens.position + i, tokens.ids[i],
                           by_index ? raw : rotated_keys_.data(), raw, raw + kv_heads * d,
                           scores != nullptr ? scores[head * tokens.birth_stride + i] : 0.0F);
    }
  }
}

void LayerState::attend_head(std::int64_t index, const TokenRows& tokens, float* out,
                             AttentionScratch& scratch) {
  HeadCache& head = heads_[index];
  const std::int64_t d = setup_.model.head_dim;
  const std::int64_t group = setup_.model.group_size();
  const std::int64_t entries = head.size();
  const bool by_index = setup_.positions == Positions::kCacheIndex;
  // A query stands where its own entry does: under cache_index at the end of what is held.
  const std::int64_t first = by_index ? entries - tokens.count : tokens.position;
  const std::int64_t first_query = (first_head() + index) * group;

  scratch.queries.resize(static_cast<std::size_t>(group * tokens.count * d));
  for (std::int64_t q = 0; q < group; ++q) {
    for (std::int64_t i = 0; i < tokens.count; ++i) {
      setup_.rotary->rotate(tokens.qkv + i * setup_.qkv_width() + (first_query + q) * d, first + i,
                            scratch.queries.data() + (q * tokens.count + i) * d);
    }
  }
  const float* keys = head.keys();
  if (by_index) {
    scratch.keys.resize(static_cast<std::size_t>(entries * d));
    for (std::int64_t j = 0; j < entries; ++j) {
      setup_.rotary->rotate(head.keys() + j * d, j, scratch.keys.data() + j * d);
    }
    keys = scratch.keys.data();
  }
  // The statistic of the last query forgets what came before it; the others add up.
  float* attention = head.layout().attention ? head.attention() : nullptr;
  const bool of_last_query = setup_.plan.signal == Signal::kLastQueryAttention;
  if (of_last_query) std::fill(attention, attention + entries, 0.0F);
  if (tokens.count == 1) {
    attend(scratch.queries.data(), group, keys, head.values(), entries, d, out, attention, scratch);
    if (last_position_ % kRowSumInterval == 0) check_row_sum(scratch.weights.data(), entries);
    return;
  }
  // A block sees the whole past and, causally, itself: nothing leaves while it is fed.
  HeadTokens block;
  block.queries = scratch.queries.data();
  block.keys = keys;
  block.values = head.values();
  block.group = group;
  block.past = entries - tokens.count;
  block.tokens = tokens.count;
  block.head_dim = d;
  block.attention = attention;
  block.of_last_query = of_last_query;
  attend_lifetimes(block, {}, {0, tokens.count}, out, setup_.model.query_heads * d);
}

void LayerState::drop(std::int64_t index, const std::vector<std::int64_t>& indices,
                      const std::vector<float>& ranks) {
  for (const std::int64_t j : indices) {
    evictions_[index].leaves(heads_[index].positions()[j], last_position_,
                             ranks.empty() ? std::numeric_limits<float>::quiet_NaN() : ranks[j]);
  }
  heads_[index].drop(indices);
}

void LayerState::zero_channels(std::int64_t index, const std::vector<std::int64_t>& channels) {
  heads_[index].zero_channels(channels);
}

}  // namespace pressroom
