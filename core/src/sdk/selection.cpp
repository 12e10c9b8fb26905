#include "pressroom/selection.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <tuple>

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
  // Before the shortcuts: whether a NaN is found must not depend on how many are kept.
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

// An entry of a layer whose heads share their places.
struct LayerEntry {
  float score;
  std::int64_t position;
  std::size_t head;
  std::int64_t index;
  // In the order of staying: of equal scores the newer.
  bool operator<(const LayerEntry& other) const {
    return std::tie(score, position, head) > std::tie(other.score, other.position, other.head);
  }
};

}  // namespace

IndexRange evictable(const HeadView& head, std::int64_t sinks, std::int64_t recents) {
  const std::int64_t end = head.size() - recents;
  if (sinks <= 0) return {0, std::max<std::int64_t>(end, 0)};
  const at::Tensor positions = head.positions().contiguous();
  const std::int64_t* first = positions.data_ptr<std::int64_t>();
  // By position and not by index: a part of a cache may lack some of the sinks.
  const std::int64_t begin = std::lower_bound(first, first + head.size(), sinks) - first;
  // Where sinks and recents overlap, empty and not of negative size.
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

Indices all_of(const HeadView& head) { return indices_of({0, head.size()}); }

std::vector<Indices> all_of(const LayerView& layer) {
  std::vector<Indices> all;
  for (std::int64_t h = 0; h < layer.kv_heads(); ++h) all.push_back(all_of(layer.head(h)));
  return all;
}

std::int64_t entries_in(const LayerView& layer) {
  std::int64_t entries = 0;
  for (std::int64_t h = 0; h < layer.kv_heads(); ++h) entries += layer.head(h).size();
  return entries;
}

std::int64_t entries_per_head(const LayerView& layer) {
  const std::int64_t entries = layer.head(0).size();
  for (std::int64_t h = 1; h < layer.kv_heads(); ++h) {
    if (layer.head(h).size() == entries) continue;
    throw Error({"the heads of a layer hold different numbers of entries",
                 "layer " + std::to_string(layer.layer()),
                 "as many in each, for a method that cuts all heads at the same places",
                 std::to_string(entries) + " in KV head 0, " +
                     std::to_string(layer.head(h).size()) + " in KV head " + std::to_string(h),
                 "let no method that gives heads budgets of their own act before it"});
  }
  return entries;
}

Indices all_but(const HeadView& head, IndexRange range, const Indices& kept) {
  Indices all = indices_of({0, range.begin});
  all.insert(all.end(), kept.begin(), kept.end());
  const Indices behind = indices_of({range.end, head.size()});
  all.insert(all.end(), behind.begin(), behind.end());
  return all;
}

Indices newest(Indices indices, std::int64_t count) {
  const auto surplus = static_cast<std::int64_t>(indices.size()) - count;
  if (surplus > 0) indices.erase(indices.begin(), indices.begin() + surplus);
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

Indices through(const Indices& part, const Indices& chosen) {
  Indices indices;
  indices.reserve(chosen.size());
  for (const std::int64_t j : chosen) indices.push_back(part[static_cast<std::size_t>(j)]);
  return indices;
}

std::vector<Indices> through(const std::vector<Indices>& parts,
                             const std::vector<Indices>& chosen) {
  std::vector<Indices> all;
  for (std::size_t h = 0; h < parts.size(); ++h) all.push_back(through(parts[h], chosen[h]));
  return all;
}

std::vector<Indices> highest_of_layer(const LayerView& layer, const std::vector<at::Tensor>& scores,
                                      std::vector<Indices> certain, std::int64_t places) {
  std::vector<LayerEntry> rest;
  for (std::size_t h = 0; h < certain.size(); ++h) {
    const HeadView& head = layer.head(static_cast<std::int64_t>(h));
    const at::Tensor positions = head.positions().contiguous();
    const float* score = scores[h].data_ptr<float>();
    const Indices free = without(indices_of({0, head.size()}), certain[h]);
    refuse_nan(score, free);
    for (const std::int64_t j : free) {
      rest.push_back({score[j], positions.data_ptr<std::int64_t>()[j], h, j});
    }
    places -= static_cast<std::int64_t>(certain[h].size());
  }
  // What is certain stays, also where it alone is more than there are places.
  const auto count = std::clamp<std::ptrdiff_t>(places, 0, rest.end() - rest.begin());
  const auto last = rest.begin() + count;
  std::nth_element(rest.begin(), last, rest.end());
  for (auto entry = rest.begin(); entry != last; ++entry) {
    certain[entry->head].push_back(entry->index);
  }
  for (Indices& kept : certain) std::sort(kept.begin(), kept.end());
  return certain;
}

std::vector<float> box_mean(const std::vector<float>& values, std::int64_t width) {
  PRESSROOM_ASSERT(width > 0 && width % 2 == 1);
  const auto size = static_cast<std::int64_t>(values.size());
  std::vector<float> means(values.size());
  for (std::int64_t t = 0; t < size; ++t) {
    const auto first = values.begin() + std::max<std::int64_t>(t - width / 2, 0);
    const auto end = values.begin() + std::min(t + width / 2 + 1, size);
    means[static_cast<std::size_t>(t)] =
        std::accumulate(first, end, 0.0F) / static_cast<float>(width);
  }
  return means;
}

at::Tensor rows_of(const at::Tensor& per_entry, IndexRange range) {
  return per_entry.narrow(0, range.begin, range.size());
}

at::Tensor with_zeros(std::vector<float> scores, std::int64_t size) {
  scores.resize(static_cast<std::size_t>(size));
  return at::tensor(scores);
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

std::int64_t fraction_of(std::int64_t tokens, double fraction) {
  return static_cast<std::int64_t>(fraction * static_cast<double>(tokens));
}

at::Tensor to_tensor(const Indices& indices) {
  at::Tensor tensor = at::empty({static_cast<std::int64_t>(indices.size())}, at::kLong);
  std::copy(indices.begin(), indices.end(), tensor.data_ptr<std::int64_t>());
  return tensor;
}

std::vector<at::Tensor> to_tensors(const std::vector<Indices>& indices) {
  std::vector<at::Tensor> tensors;
  for (const Indices& each : indices) tensors.push_back(to_tensor(each));
  return tensors;
}

std::vector<float> to_floats(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.to(at::kCPU, at::kFloat).contiguous();
  const float* first = flat.data_ptr<float>();
  return std::vector<float>(first, first + flat.numel());
}

Indices to_indices(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.to(at::kCPU, at::kLong).contiguous();
  const std::int64_t* first = flat.data_ptr<std::int64_t>();
  return Indices(first, first + flat.numel());
}

}  // namespace pressroom
