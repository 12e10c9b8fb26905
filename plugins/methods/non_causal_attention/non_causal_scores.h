// How much attention entries would receive if each query saw its whole chunk, the future included.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>

#include "pressroom/cache_view.h"
#include "pressroom/error.h"

namespace pressroom {

// For Needs::query_window: all queries of a document, so that the query of an entry is found at
// its position.
constexpr std::int64_t kAllQueries = std::int64_t{1} << 31;

// [T]: attention received, the mean over the g heads of `queries` [g,T,d], row t the query of entry
// t; `keys` [T,d]. Entries are taken in chunks of `chunk_size` in cache order, the last one may be
// shorter. In a chunk each head gives sum_i softmax_j(q_i k_j): no mask, no 1 / sqrt(d).
//
// `padded` fills the last chunk with queries and keys of zero, which take part in the softmax, as
// kvpress does.
inline at::Tensor attention_received(at::Tensor queries, at::Tensor keys, std::int64_t chunk_size,
                                     bool padded) {
  const std::int64_t entries = keys.size(0);
  std::int64_t rest = entries % chunk_size;
  if (padded && rest > 0) {
    queries = at::constant_pad_nd(queries, {0, 0, 0, chunk_size - rest});
    keys = at::constant_pad_nd(keys, {0, 0, 0, chunk_size - rest});
    rest = 0;
  }
  const auto of_chunks = [&](std::int64_t begin, std::int64_t count, std::int64_t size) {
    const at::Tensor q = queries.narrow(1, begin, count * size)
                             .reshape({queries.size(0), count, size, queries.size(2)});
    const at::Tensor k = keys.narrow(0, begin, count * size).reshape({count, size, keys.size(1)});
    return at::softmax(at::matmul(q, k.transpose(1, 2)), -1).sum(2).mean(0).flatten();
  };
  const std::int64_t whole = keys.size(0) - rest;
  at::Tensor received;
  if (whole > 0) received = of_chunks(0, whole / chunk_size, chunk_size);
  if (rest > 0) {
    const at::Tensor tail = of_chunks(whole, 1, rest);
    received = received.defined() ? at::cat({received, tail}) : tail;
  }
  return received.defined() ? received.narrow(0, 0, entries) : at::zeros({0}, keys.options());
}

// [n]: for the entries [begin, begin + n) of `head` alone, attention received times |v|, smoothed
// by the mean over an entry and its two neighbours; beyond the ends are zeros. Throws Error under
// cache_index positions once entries have left.
inline at::Tensor non_causal_scores(const HeadView& head, std::int64_t begin, std::int64_t count,
                                    std::int64_t chunk_size, bool padded) {
  if (head.next_position() != head.positions()[-1].item<std::int64_t>() + 1) {
    throw Error({"queries and entries stand at different positions", "",
                 "positions: original, where the query of an entry is turned as its key is",
                 "cache_index, after an eviction", "leave the positions at original"});
  }
  const at::Tensor positions = head.positions().narrow(0, begin, count);
  const at::Tensor score =
      attention_received(head.queries().index_select(1, positions),
                         head.keys().narrow(0, begin, count), chunk_size, padded) *
      head.values().narrow(0, begin, count).norm(2, -1);
  const at::Tensor bordered = at::constant_pad_nd(score, {1, 1});
  return (bordered.narrow(0, 0, count) + score + bordered.narrow(0, 2, count)) / 3;
}

}  // namespace pressroom
