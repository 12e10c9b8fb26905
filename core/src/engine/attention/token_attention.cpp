#include "engine/attention/token_attention.h"

#include <algorithm>
#include <cmath>

#include "engine/attention/attention_kernels.h"
#include "engine/cache/violations.h"
#include "parallel/parallel_for.h"

namespace pressroom {
namespace {

// Multiplications and additions that take as long as some wake-ups of a thread.
constexpr std::int64_t kLeastSharedWork = 1 << 20;

template <typename T>
void make_room(std::vector<T>& values, std::int64_t count) {
  if (static_cast<std::int64_t>(values.size()) < count) {
    values.resize(static_cast<std::size_t>(count));
  }
}

// Rows that the kernels cannot read as they lie, in memory of this thread's: widened, turned where
// their keys are, and padded to whole vectors by zeros.
StoredRows prepared(const StoredRows& rows, std::int64_t first, std::int64_t count,
                    const RotaryTable* turn_by_index, std::vector<float>& memory) {
  const std::int64_t width = padded(rows.channels);
  memory.assign(static_cast<std::size_t>(count * width), 0.0F);
  widen_rows(rows.from(first), count, memory.data(), width);
  for (std::int64_t j = 0; turn_by_index != nullptr && j < count; ++j) {
    float* row = memory.data() + j * width;
    turn_by_index->rotate(row, first + j, row);
  }
  return float_rows(memory.data(), width, width);
}

class TokenPass {
 public:
  TokenPass(const TokenAttention& token, AttentionScratch& scratch)
      : token_(token), scratch_(scratch), width_(padded(token.head_dim)) {}

  void run(std::int64_t threads) {
    lay_out();
    const std::int64_t shared = work() < kLeastSharedWork ? 1 : threads;
    const auto chunks = static_cast<std::int64_t>(scratch_.chunks.size());
    parallel_for(chunks, shared, [this](std::int64_t i) { score(i); });
    find_largest();
    parallel_for(chunks, shared, [this](std::int64_t i) { sum(i); });
    std::size_t chunk = 0;
    for (std::size_t head = 0; head < scratch_.heads.size(); ++head) chunk = finish(head, chunk);
  }

 private:
  std::int64_t stride(std::int64_t head) const { return padded(scratch_.heads[head].entries); }
  float* weights(std::int64_t head) const {
    return scratch_.weights.data() + scratch_.first_weight[head];
  }

  std::int64_t work() const {
    std::int64_t entries = 0;
    for (const AttendedHead& head : scratch_.heads) entries += head.entries;
    return entries * token_.group * 2 * width_;
  }

  void lay_out() {
    scratch_.chunks.clear();
    scratch_.first_weight.clear();
    std::int64_t room = 0;
    const auto heads = static_cast<std::int64_t>(scratch_.heads.size());
    for (std::int64_t head = 0; head < heads; ++head) {
      const std::int64_t entries = scratch_.heads[head].entries;
      for (std::int64_t first = 0; first < entries; first += kAttendedChunk) {
        scratch_.chunks.push_back({head, first, std::min(kAttendedChunk, entries - first)});
      }
      scratch_.first_weight.push_back(room);
      room += token_.group * stride(head);
    }
    const auto chunks = static_cast<std::int64_t>(scratch_.chunks.size());
    make_room(scratch_.weights, room);
    make_room(scratch_.largest, heads * token_.group);
    make_room(scratch_.chunk_largest, chunks * token_.group);
    make_room(scratch_.chunk_sums, chunks * token_.group);
    make_room(scratch_.chunk_outs, chunks * token_.group * width_);
    if (width_ != token_.head_dim) pad_queries(heads);
  }

  void pad_queries(std::int64_t heads) {
    scratch_.padded_queries.assign(static_cast<std::size_t>(heads * token_.group * width_), 0.0F);
    float* row = scratch_.padded_queries.data();
    for (const AttendedHead& head : scratch_.heads) {
      for (std::int64_t q = 0; q < token_.group; ++q, row += width_) {
        std::copy_n(head.queries + q * token_.head_dim, token_.head_dim, row);
      }
    }
  }

  void score(std::int64_t i) {
    const AttentionScratch::Chunk& chunk = scratch_.chunks[i];
    const AttendedHead& head = scratch_.heads[chunk.head];
    const bool is_padded = width_ != token_.head_dim;
    const float* queries = is_padded
                               ? scratch_.padded_queries.data() + chunk.head * token_.group * width_
                               : head.queries;
    thread_local std::vector<float> memory;
    const StoredRows keys =
        is_padded || token_.turn_by_index != nullptr
            ? prepared(head.keys, chunk.first, chunk.count, token_.turn_by_index, memory)
            : head.keys.from(chunk.first);
    float* scores = weights(chunk.head) + chunk.first;
    row_scores(queries, token_.group, keys, chunk.count,
               1.0F / std::sqrt(static_cast<float>(token_.head_dim)), scores, stride(chunk.head));
    for (std::int64_t q = 0; q < token_.group; ++q) {
      scratch_.chunk_largest[i * token_.group + q] =
          largest_of(scores + q * stride(chunk.head), chunk.count);
    }
  }

  void find_largest() {
    const std::int64_t group = token_.group;
    std::fill(scratch_.largest.begin(), scratch_.largest.end(), -INFINITY);
    for (std::size_t i = 0; i < scratch_.chunks.size(); ++i) {
      for (std::int64_t q = 0; q < group; ++q) {
        float& largest = scratch_.largest[scratch_.chunks[i].head * group + q];
        largest = std::max(largest, scratch_.chunk_largest[i * group + q]);
      }
    }
  }

  void sum(std::int64_t i) {
    const AttentionScratch::Chunk& chunk = scratch_.chunks[i];
    const AttendedHead& head = scratch_.heads[chunk.head];
    float* exponentials = weights(chunk.head) + chunk.first;
    for (std::int64_t q = 0; q < token_.group; ++q) {
      scratch_.chunk_sums[i * token_.group + q] =
          exp_in_place(exponentials + q * stride(chunk.head), chunk.count,
                       scratch_.largest[chunk.head * token_.group + q]);
    }
    thread_local std::vector<float> memory;
    const StoredRows values = width_ != token_.head_dim
                                  ? prepared(head.values, chunk.first, chunk.count, nullptr, memory)
                                  : head.values.from(chunk.first);
    weighted_sums(exponentials, token_.group, stride(chunk.head), values, chunk.count,
                  scratch_.chunk_outs.data() + i * token_.group * width_);
  }

  // Adds up the chunks of `head`, which begin at `chunk`; returns the first of the next head.
  std::size_t finish(std::size_t head, std::size_t chunk) {
    const AttendedHead& attended = scratch_.heads[head];
    std::size_t end = chunk;
    while (end < scratch_.chunks.size() &&
           scratch_.chunks[end].head == static_cast<std::int64_t>(head)) {
      ++end;
    }
    for (std::int64_t q = 0; q < token_.group; ++q) {
      float total = 0;
      for (std::size_t i = chunk; i < end; ++i) total += scratch_.chunk_sums[i * token_.group + q];
      float* out = attended.out + q * token_.head_dim;
      std::fill(out, out + token_.head_dim, 0.0F);
      for (std::size_t i = chunk; i < end; ++i) {
        const float* part = scratch_.chunk_outs.data() + (i * token_.group + q) * width_;
#pragma omp simd
        for (std::int64_t c = 0; c < token_.head_dim; ++c) out[c] += part[c];
      }
      scale_in_place(out, token_.head_dim, 1.0F / total);
      const bool is_checked = token_.checks_sums && q == 0;
      if (attended.attention == nullptr && !is_checked) continue;
      float* row =
          weights(static_cast<std::int64_t>(head)) + q * stride(static_cast<std::int64_t>(head));
      scale_in_place(row, attended.entries, 1.0F / total);
      if (is_checked) check_row_sum(row, attended.entries);
      if (attended.attention == nullptr) continue;
#pragma omp simd
      for (std::int64_t j = 0; j < attended.entries; ++j) attended.attention[j] += row[j];
    }
    return end;
  }

  const TokenAttention& token_;
  AttentionScratch& scratch_;
  std::int64_t width_;  // of a row, padded
};

}  // namespace

void attend(const TokenAttention& token, std::int64_t threads, AttentionScratch& scratch) {
  TokenPass(token, scratch).run(threads);
}

}  // namespace pressroom
