#include "engine/attention/attention.h"

#include <algorithm>
#include <cmath>

#include "engine/attention/attention_kernels.h"
#include "engine/attention/row_scores.h"

namespace pressroom {
namespace {

float dot(const float* a, const float* b, std::int64_t n) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (std::int64_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

void add_scaled(float* out, const float* x, float scale, std::int64_t n) {
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) out[i] += scale * x[i];
}

// For head dims that fill vectors.
void attend_wide(const float* queries, std::int64_t group, const float* keys, const float* values,
                 std::int64_t entries, std::int64_t head_dim, float* out, float* probability,
                 AttentionScratch& scratch) {
  const std::int64_t stride = padded(entries);
  scratch.weights.resize(static_cast<std::size_t>(group * stride));
  float* weights = scratch.weights.data();
  row_scores(queries, group, head_dim, keys, entries,
             1.0F / std::sqrt(static_cast<float>(head_dim)), weights, stride);
  for (std::int64_t head = 0; head < group; ++head) softmax(weights + head * stride, entries);
  weighted_sums(weights, group, stride, values, head_dim, entries, out);
  if (probability == nullptr) return;
  for (std::int64_t head = 0; head < group; ++head) {
    add_scaled(probability, weights + head * stride, 1.0F, entries);
  }
}

}  // namespace

void attend(const float* queries, std::int64_t group, const float* keys, const float* values,
            std::int64_t entries, std::int64_t head_dim, float* out, float* probability,
            AttentionScratch& scratch) {
  if (head_dim % kVectorPadding == 0) {
    return attend_wide(queries, group, keys, values, entries, head_dim, out, probability, scratch);
  }
  const float scale = 1.0F / std::sqrt(static_cast<float>(head_dim));
  scratch.weights.resize(static_cast<std::size_t>(entries));
  float* weights = scratch.weights.data();
  for (std::int64_t head = 0; head < group; ++head) {
    const float* query = queries + head * head_dim;
    for (std::int64_t j = 0; j < entries; ++j) {
      weights[j] = scale * dot(query, keys + j * head_dim, head_dim);
    }
    const float largest = *std::max_element(weights, weights + entries);
    float sum = 0;
    for (std::int64_t j = 0; j < entries; ++j) {
      weights[j] = std::exp(weights[j] - largest);
      sum += weights[j];
    }
    const float inverse_sum = 1.0F / sum;
    float* result = out + head * head_dim;
    std::fill(result, result + head_dim, 0.0F);
    for (std::int64_t j = 0; j < entries; ++j) {
      weights[j] *= inverse_sum;
      add_scaled(result, values + j * head_dim, weights[j], head_dim);
    }
    if (probability != nullptr) add_scaled(probability, weights, 1.0F, entries);
  }
}

}  // namespace pressroom
