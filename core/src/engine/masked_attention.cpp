#include "engine/masked_attention.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/attention_kernels.h"

namespace pressroom {
namespace {

// Queries of one product: enough to use the processor well, few enough that gathering the entries
// of a small budget adds little.
constexpr std::int64_t kBlock = 64;

at::Tensor borrow(const float* data, std::int64_t rows, std::int64_t columns) {
  return at::from_blob(const_cast<float*>(data), {rows, columns}, at::kFloat);
}

class LifetimeAttention {
 public:
  LifetimeAttention(const HeadTokens& head, const std::vector<std::int32_t>& deaths)
      : head_(head), deaths_(deaths) {}

  void run(float* out, std::int64_t out_stride) {
    for (std::int64_t first = 0; first < head_.tokens; first += kBlock) {
      const std::int64_t end = std::min(first + kBlock, head_.tokens);
      collect(first, end);
      attend(first, end, out, out_stride);
    }
  }

 private:
  // The entries that queries first .. end - 1 see, oldest first.
  void collect(std::int64_t first, std::int64_t end) {
    const auto gone = [&](std::int32_t j) { return deaths_[j] < first; };
    births_.erase(std::remove_if(births_.begin(), births_.end(), gone), births_.end());
    for (std::int64_t j = first; j < end; ++j) births_.push_back(static_cast<std::int32_t>(j));
    const auto count = static_cast<std::int64_t>(births_.size());
    alive_until_.resize(births_.size());
    for (std::int64_t i = 0; i < count; ++i) alive_until_[i] = deaths_[births_[i]];
    is_gathered_ = count != end;  // some have left: what remains does not lie together
    if (!is_gathered_) return;
    const std::int64_t d = head_.head_dim;
    keys_.resize(births_.size() * d);
    values_.resize(births_.size() * d);
    for (std::int64_t i = 0; i < count; ++i) {
      std::copy_n(head_.keys + births_[i] * d, d, keys_.begin() + i * d);
      std::copy_n(head_.values + births_[i] * d, d, values_.begin() + i * d);
    }
  }

  void attend(std::int64_t first, std::int64_t end, float* out, std::int64_t out_stride) {
    const std::int64_t d = head_.head_dim;
    const std::int64_t n = end - first;
    const auto count = static_cast<std::int64_t>(births_.size());
    const at::Tensor keys = borrow(is_gathered_ ? keys_.data() : head_.keys, count, d);
    const at::Tensor values = borrow(is_gathered_ ? values_.data() : head_.values, count, d);
    const float scale = 1.0F / std::sqrt(static_cast<float>(d));
    scores_.resize(static_cast<std::size_t>(n * count));
    outputs_.resize(static_cast<std::size_t>(n * d));
    at::Tensor scores = borrow(scores_.data(), n, count);
    at::Tensor outputs = borrow(outputs_.data(), n, d);
    for (std::int64_t h = 0; h < head_.group; ++h) {
      at::mm_out(scores, borrow(head_.queries + (h * head_.tokens + first) * d, n, d), keys.t());
      for (std::int64_t i = 0; i < n; ++i) {
        masked_softmax(scores_.data() + i * count, count, scale, births_.data(),
                       alive_until_.data(), static_cast<std::int32_t>(first + i));
      }
      at::mm_out(outputs, scores, values);
      for (std::int64_t i = 0; i < n; ++i) {
        std::copy_n(outputs_.begin() + i * d, d, out + (first + i) * out_stride + h * d);
      }
    }
  }

  const HeadTokens& head_;
  const std::vector<std::int32_t>& deaths_;
  std::vector<std::int32_t> births_, alive_until_;  // of the block's entries
  bool is_gathered_ = false;
  std::vector<float> keys_, values_;  // of the block's entries, where they are gathered
  std::vector<float> scores_, outputs_;
};

}  // namespace

void attend_lifetimes(const HeadTokens& head, const std::vector<std::int32_t>& deaths, float* out,
                      std::int64_t out_stride) {
  LifetimeAttention(head, deaths).run(out, out_stride);
}

}  // namespace pressroom
