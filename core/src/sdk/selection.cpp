#include "pressroom/selection.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include "pressroom/error.h"

namespace pressroom {
namespace {

// A total order: candidates are in age order, so the larger index is the newer entry.
template <typename T>
struct Outranks {
  const T* scores;
  bool operator()(std::int64_t a, std::int64_t b) const {
    return scores[a] != scores[b] ? scores[a] > scores[b] : a > b;
  }
};

// NaN has no rank and would break the order that nth_element relies on.
template <typename T>
void refuse_nan(const T* scores, const Indices& candidates) {
  for (const std::int64_t j : candidates) {
    if (!std::isnan(scores[j])) continue;
    throw Error({"a score is NaN", "cache index " + std::to_string(j), "finite scores", "NaN",
                 "fix the method: a NaN cannot be ranked"});
  }
}

template <typename T>
Indices highest_of(const T* scores, const Indices& candidates, std::int64_t count) {
  refuse_nan(scores, candidates);
  if (count < 1) return {};
  const auto entries = static_cast<std::int64_t>(candidates.size());
  if (count >= entries) return candidates;
  const Outranks<T> outranks{scores};
  Indices chosen;
  if (count == entries - 1) {  // one leaves: what happens at every step of a full cache
    const auto last = std::max_element(candidates.begin(), candidates.end(), outranks);
    chosen.reserve(candidates.size());
    chosen.assign(candidates.begin(), last);
    chosen.insert(chosen.end(), last + 1, candidates.end());
    return chosen;
  }
  Indices order = candidates;
  std::nth_element(order.begin(), order.begin() + (count - 1), order.end(), outranks);
  const std::int64_t last_in = order[static_cast<std::size_t>(count - 1)];
  chosen.reserve(static_cast<std::size_t>(count));
  for (const std::int64_t j : candidates) {
    if (!outranks(last_in, j)) chosen.push_back(j);
  }
  return chosen;
}

}  // namespace

IndexRange evictable(const HeadView& head, std::int64_t sinks, std::int64_t recents) {
  const std::int64_t end = head.size() - recents;
  if (sinks <= 0) return {0, std::max<std::int64_t>(end, 0)};
  const at::Tensor positions = head.positions().contiguous();
  const std::int64_t* first = positions.data_ptr<std::int64_t>();
  const std::int64_t begin = std::lower_bound(first, first + head.size(), sinks) - first;
  return {begin, std::max(begin, end)};
}

Indices highest(const float* scores, const Indices& candidates, std::int64_t count) {
  return highest_of(scores, candidates, count);
}

Indices highest(const double* scores, const Indices& candidates, std::int64_t count) {
  return highest_of(scores, candidates, count);
}

Indices highest(const float* scores, IndexRange range, std::int64_t count) {
  return highest(scores, indices_of(range), count);
}

Indices lowest(const float* scores, IndexRange range, std::int64_t count) {
  if (count < 1) return {};
  const Indices all = indices_of(range);
  return without(all, highest(scores, all, static_cast<std::int64_t>(all.size()) - count));
}

Indices indices_of(IndexRange range) {
  Indices indices(static_cast<std::size_t>(std::max<std::int64_t>(range.size(), 0)));
  std::iota(indices.begin(), indices.end(), range.begin);
  return indices;
}

Indices merged(const Indices& a, const Indices& b) {
  Indices both;
  both.reserve(a.size() + b.size());
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

Indices without(const Indices& all, const Indices& some) {
  Indices rest;
  rest.reserve(all.size());
  std::set_difference(all.begin(), all.end(), some.begin(), some.end(), std::back_inserter(rest));
  return rest;
}

void require_room(const std::vector<Region>& regions, std::int64_t limit_tokens,
                  const char* limit) {
  std::int64_t tokens = 0;
  std::string names, sizes;
  for (const Region& region : regions) {
    tokens += region.tokens;
    names += (names.empty() ? "" : " + ") + std::string(region.name);
    sizes += (sizes.empty() ? "" : " + ") + std::to_string(region.tokens);
  }
  if (tokens <= limit_tokens) return;
  const std::string room = std::to_string(limit_tokens);
  throw Error({"the method's regions exceed its " + std::string(limit),
               std::string(limit) + " " + room, names + " <= " + room,
               sizes + (regions.size() > 1 ? " = " + std::to_string(tokens) : ""),
               "make them smaller, or the " + std::string(limit) + " larger"});
}

at::Tensor to_tensor(const Indices& indices) {
  at::Tensor tensor = at::empty({static_cast<std::int64_t>(indices.size())}, at::kLong);
  std::copy(indices.begin(), indices.end(), tensor.data_ptr<std::int64_t>());
  return tensor;
}

std::vector<float> to_floats(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.to(at::kCPU, at::kFloat).contiguous();
  const float* first = flat.data_ptr<float>();
  return std::vector<float>(first, first + flat.numel());
}

}  // namespace pressroom
