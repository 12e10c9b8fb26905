#include "engine/eviction/layer_state.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/attention/attention.h"
#include "engine/cache/violations.h"
#include "model/products.h"
#include "parallel/parallel_for.h"

namespace pressroom {
namespace {

// `count` rows as float32, [count,d]: themselves, or widened into `memory` and turned by their
// index.
const float* readable(const StoredRows& rows, std::int64_t count, const RotaryTable* turn_by_index,
                      std::vector<float>& memory) {
  if (rows.dtype == KvDtype::kFloat32 && turn_by_index == nullptr) return rows.floats();
  memory.resize(static_cast<std::size_t>(count * rows.channels));
  widen_rows(rows, count, memory.data(), rows.channels);
  for (std::int64_t j = 0; turn_by_index != nullptr && j < count; ++j) {
    float* row = memory.data() + j * rows.channels;
    turn_by_index->rotate(row, j, row);
  }
  return memory.data();
}

}  // namespace

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

std::int64_t QueryHistory::bytes() const {
  return static_cast<std::int64_t>(rows_.capacity() * sizeof(float) +
                                   (sums_.capacity() + squares_.capacity()) * sizeof(double));
}

LayerState::LayerState(const LayerSetup& setup, LayerPlace place)
    : setup_(setup),
      place_(std::move(place)),
      evictions_(static_cast<std::size_t>(place_.heads.count), EvictionLog(place_.tokens)),
      queries_(setup, place_.heads.count * setup.model.group_size(), place_.tokens) {
  heads_.reserve(static_cast<std::size_t>(place_.heads.count));
  for (std::int64_t head = 0; head < place_.heads.count; ++head) {
    heads_.emplace_back(setup.entry_layout());
  }
  // Replay knows the inputs of all tokens and lends them; decoding collects them as they come.
  owns_inputs_ = setup.plan.needs.held_inputs && !place_.attention_inputs.defined();
  if (owns_inputs_) {
    place_.attention_inputs = at::empty({place_.tokens, setup.model.hidden_size}, at::kFloat);
  }
}

LayerState LayerState::fork(std::int64_t tokens) const {
  LayerState copy = *this;
  copy.place_.tokens = tokens;
  for (EvictionLog& log : copy.evictions_) log.resize(tokens);
  if (!owns_inputs_) return copy;
  // A copied tensor is the same memory.
  const at::Tensor& inputs = place_.attention_inputs;
  copy.place_.attention_inputs = at::empty({tokens, inputs.size(1)}, at::kFloat);
  copy.place_.attention_inputs.narrow(0, 0, last_position_ + 1)
      .copy_(inputs.narrow(0, 0, last_position_ + 1));
  return copy;
}

std::int64_t LayerState::allocated_bytes() const {
  std::int64_t sum = owns_inputs_ ? static_cast<std::int64_t>(place_.attention_inputs.nbytes()) : 0;
  for (const HeadCache& head : heads_) sum += head.allocated_bytes();
  return sum;
}

std::int64_t LayerState::beside_bytes() const {
  std::int64_t sum = queries_.bytes();
  for (const EvictionLog& log : evictions_) sum += log.bytes();
  return sum;
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
  if (tokens.count == 1) return attend_token(tokens, first, scratch);
  parallel_for(place_.heads.count, product_thread_count(), [&](std::int64_t index) {
    const c10::InferenceMode no_gradients;
    attend_block(index, tokens, first + index * group_width);
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
    if (tokens.count > 1) heads_[index].reserve(tokens.count);
    for (std::int64_t i = 0; i < tokens.count; ++i) {
      const float* raw = tokens.qkv + i * setup_.qkv_width() + key_columns + head * d;
      if (!by_index) setup_.rotary->rotate(raw, tokens.position + i, rotated_keys_.data());
      heads_[index].append(tokens.position + i, tokens.ids[i],
                           by_index ? raw : rotated_keys_.data(), raw, raw + kv_heads * d,
                           scores != nullptr ? scores[head * tokens.birth_stride + i] : 0.0F);
    }
  }
}

// [g,n,d] of head `index`: a query stands where its own entry does, under cache_index at the end of
// what is held.
void LayerState::rotate_queries(std::int64_t index, const TokenRows& tokens, float* out) const {
  const std::int64_t d = setup_.model.head_dim;
  const std::int64_t group = setup_.model.group_size();
  const bool by_index = setup_.positions == Positions::kCacheIndex;
  const std::int64_t first = by_index ? heads_[index].size() - tokens.count : tokens.position;
  const float* rows = tokens.qkv + (first_head() + index) * group * d;
  for (std::int64_t q = 0; q < group; ++q) {
    for (std::int64_t i = 0; i < tokens.count; ++i, out += d) {
      setup_.rotary->rotate(rows + i * setup_.qkv_width() + q * d, first + i, out);
    }
  }
}

// What the attention that entries receive is added to; null where there is no statistic.
float* LayerState::statistic_of(std::int64_t index) {
  HeadCache& head = heads_[index];
  if (!head.layout().attention) return nullptr;
  // The statistic of the last query forgets what came before it; the others add up.
  if (setup_.plan.signal == Signal::kLastQueryAttention) {
    std::fill(head.attention(), head.attention() + head.size(), 0.0F);
  }
  return head.attention();
}

void LayerState::attend_token(const TokenRows& token, float* out, AttentionScratch& scratch) {
  const std::int64_t group_width = setup_.model.group_size() * setup_.model.head_dim;
  scratch.queries.resize(static_cast<std::size_t>(place_.heads.count * group_width));
  scratch.heads.clear();
  for (std::int64_t index = 0; index < place_.heads.count; ++index) {
    float* queries = scratch.queries.data() + index * group_width;
    rotate_queries(index, token, queries);
    const HeadCache& head = heads_[index];
    scratch.heads.push_back({queries, head.keys(), head.values(), head.size(),
                             out + index * group_width, statistic_of(index)});
  }
  TokenAttention attention;
  attention.group = setup_.model.group_size();
  attention.head_dim = setup_.model.head_dim;
  if (setup_.positions == Positions::kCacheIndex) attention.turn_by_index = setup_.rotary;
  attention.checks_sums = last_position_ % kRowSumInterval == 0;
  attend(attention, product_thread_count(), scratch);
}

// A block sees the whole past and, causally, itself: nothing leaves while it is fed.
void LayerState::attend_block(std::int64_t index, const TokenRows& tokens, float* out) {
  const HeadCache& head = heads_[index];
  const std::int64_t d = setup_.model.head_dim;
  const std::int64_t group = setup_.model.group_size();
  std::vector<float> queries(static_cast<std::size_t>(group * tokens.count * d));
  rotate_queries(index, tokens, queries.data());
  const bool by_index = setup_.positions == Positions::kCacheIndex;
  std::vector<float> keys, values;  // where they cannot be read as they lie
  HeadTokens block;
  block.queries = queries.data();
  block.keys = readable(head.keys(), head.size(), by_index ? setup_.rotary : nullptr, keys);
  block.values = readable(head.values(), head.size(), nullptr, values);
  block.group = group;
  block.past = head.size() - tokens.count;
  block.tokens = tokens.count;
  block.head_dim = d;
  block.attention = statistic_of(index);
  block.of_last_query = setup_.plan.signal == Signal::kLastQueryAttention;
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
