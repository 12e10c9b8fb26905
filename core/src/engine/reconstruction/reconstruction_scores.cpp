#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "engine/attention/attention_kernels.h"
#include "engine/cache/eviction_log.h"
#include "engine/cache/violations.h"
#include "engine/reconstruction/reconstruction.h"

namespace pressroom {
namespace {

constexpr std::int64_t kQueryBlock = 256;  // queries of one product

// best[t] = max(best[t], factor * row[t]).
void take_larger(const float* row, float factor, std::int64_t count, float* best) {
#pragma omp simd
  for (std::int64_t t = 0; t < count; ++t) {
    const float value = factor * row[t];
    best[t] = value > best[t] ? value : best[t];
  }
}

}  // namespace

at::Tensor reconstruction_scores(const ReadingHead& head) {
  const std::int64_t group = head.queries.size(0);
  const std::int64_t queries = head.queries.size(1);
  const std::int64_t before = head.first_tokens + head.chunk_tokens;
  const float scale = 1.0F / std::sqrt(static_cast<float>(head.queries.size(2)));
  // Seen from when on, in queries: what was read before from the first on, the second reading token
  // by token. Nothing leaves.
  std::vector<std::int32_t> birth(static_cast<std::size_t>(before + queries), 0);
  std::iota(birth.begin() + before, birth.end(), 0);
  const std::vector<std::int32_t> death(birth.size(), kNeverLeaves);
  std::vector<float> factors(static_cast<std::size_t>(queries), 1.0F);
  if (head.query_factors.defined()) {
    const at::Tensor given = head.query_factors.contiguous();
    std::copy_n(given.data_ptr<float>(), queries, factors.begin());
  }
  at::Tensor largest = at::zeros({group, head.chunk_tokens}, at::kFloat);
  for (std::int64_t first = head.first_query; first < queries; first += kQueryBlock) {
    const std::int64_t count = std::min(kQueryBlock, queries - first);
    const std::int64_t entries = before + first + count;  // later ones no query of the block sees
    const at::Tensor keys = head.keys.narrow(0, 0, entries).t();
    for (std::int64_t h = 0; h < group; ++h) {
      const at::Tensor scores = at::mm(head.queries[h].narrow(0, first, count), keys);
      auto* row = scores.data_ptr<float>();
      for (std::int64_t i = first; i < first + count; ++i, row += entries) {
        masked_softmax(row, entries, scale, birth.data(), death.data(),
                       static_cast<std::int32_t>(i));
        take_larger(row + head.first_tokens, factors[i], head.chunk_tokens,
                    largest[h].data_ptr<float>());
      }
      check_row_sum(row - entries, entries);
    }
  }
  // A factor of the token, at least 0, does not change which query is the largest.
  if (head.token_factors.defined()) largest *= head.token_factors;
  return largest.amax(0);
}

}  // namespace pressroom
