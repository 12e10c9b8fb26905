#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "bench/kernel_bench.h"
#include "engine/attention/attention.h"
#include "engine/attention/attention_kernels.h"
#include "engine/attention/slot_head.h"

namespace pressroom {
namespace {

using Call = std::function<void()>;

constexpr std::int64_t kLargeCopy = 128 << 20;  // bytes: beyond the caches of any one processor
constexpr std::int64_t kProductSize = 1024;

// In -1 .. 1, the same in every run.
std::vector<float> numbers(std::int64_t count) {
  std::vector<float> values(static_cast<std::size_t>(count));
  std::uint32_t state = 1;
  for (float& value : values) {
    state = state * 1664525U + 1013904223U;
    value = static_cast<float>(state >> 8) / static_cast<float>(1 << 23) - 1.0F;
  }
  return values;
}

// Entries a full head holds when its newest token attends.
std::int64_t entries_held(const KernelShape& shape) { return shape.budget_tokens + 1; }

// Of the keys and values that the slot kernel reads.
std::int64_t cache_bytes(const KernelShape& shape) {
  return 2 * shape.head_dim * entries_held(shape) * static_cast<std::int64_t>(sizeof(float));
}

Call copy_of(std::int64_t bytes) {
  const auto from = std::make_shared<std::vector<float>>(numbers(bytes / 4));
  const auto to = std::make_shared<std::vector<float>>(from->size());
  return [from, to] {
    std::memcpy(to->data(), from->data(), from->size() * sizeof(float));
    asm volatile("" : : "r"(to->data()) : "memory");  // what is copied is read
  };
}

Call large_product(const KernelShape&) {
  const at::Tensor a = at::rand({kProductSize, kProductSize});
  const at::Tensor b = at::rand({kProductSize, kProductSize});
  at::Tensor out = at::empty({kProductSize, kProductSize});
  return [a, b, out]() mutable { at::mm_out(out, a, b); };
}

// One query of a group over one full head.
struct SlotKernel {
  KernelShape shape;
  std::int64_t stride, value_stride;
  std::vector<float> queries, keys, values, scores, sums, received;

  explicit SlotKernel(const KernelShape& its_shape)
      : shape(its_shape),
        stride(padded(entries_held(shape))),
        value_stride(padded(shape.head_dim)),
        queries(numbers(shape.group * shape.head_dim)),
        keys(numbers(shape.head_dim * stride)),
        values(numbers(stride * value_stride)),
        scores(static_cast<std::size_t>(shape.group * stride)),
        sums(static_cast<std::size_t>(shape.group * value_stride)),
        received(static_cast<std::size_t>(stride)) {}

  void run() {
    const std::int64_t count = entries_held(shape);
    column_scores(queries.data(), shape.group, shape.head_dim, keys.data(), stride, count,
                  scores.data());
    for (std::int64_t h = 0; h < shape.group; ++h) softmax(scores.data() + h * stride, count);
    weighted_sums(scores.data(), shape.group, stride,
                  float_rows(values.data(), value_stride, value_stride), count, sums.data());
    add_rows(scores.data(), shape.group, stride, received.data());
  }
};

// One head of a document: queries [g,N,d], keys and values [N,d], outputs [N,g*d].
struct DocumentHead {
  KernelShape shape;
  std::vector<float> queries, keys, values, out;
  std::vector<std::int32_t> evicted_after;
  LayerSetup setup;

  explicit DocumentHead(const KernelShape& its_shape)
      : shape(its_shape),
        queries(numbers(shape.group * shape.tokens * shape.head_dim)),
        keys(numbers(shape.tokens * shape.head_dim)),
        values(keys),
        out(queries.size()) {
    setup.model.query_heads = shape.group;
    setup.model.kv_heads = 1;
    setup.model.head_dim = shape.head_dim;
    setup.plan.ranking = Ranking::kSignal;
    setup.plan.signal = Signal::kCumulativeAttention;
    setup.budget_tokens = shape.budget_tokens;
    setup.context_tokens = shape.tokens;
    setup.most_entries = entries_held(shape);
  }

  void run_in_slots() {
    const std::int64_t d = shape.head_dim;
    SlotHead head(setup);
    EvictionLog evictions(shape.tokens);
    for (std::int64_t t = 0; t < shape.tokens; ++t) {
      const float* key = keys.data() + t * d;
      head.append(key, key, values.data() + t * d, 0.0F);
      head.attend(queries.data() + t * shape.group * d, out.data() + t * shape.group * d);
      head.evict("the benchmark", evictions);
    }
  }

  void run_masked() {
    HeadTokens head;
    head.queries = queries.data();
    head.keys = keys.data();
    head.values = values.data();
    head.group = shape.group;
    head.tokens = shape.tokens;
    head.head_dim = shape.head_dim;
    const c10::InferenceMode no_gradients;
    attend_lifetimes(head, evicted_after, {0, shape.tokens}, out.data(),
                     shape.group * shape.head_dim);
  }
};

Call masked(const KernelShape& shape, bool window) {
  const auto head = std::make_shared<DocumentHead>(shape);
  for (std::int64_t j = 0; window && j < shape.tokens; ++j) {
    head->evicted_after.push_back(static_cast<std::int32_t>(j + shape.budget_tokens));
  }
  return [head] { head->run_masked(); };
}

}  // namespace

double entries_seen(std::int64_t tokens, std::int64_t others) {
  const double full = static_cast<double>(std::max<std::int64_t>(tokens - others, 0));
  const double growing = static_cast<double>(tokens) - full;
  return growing * (growing + 1) / 2 + full * static_cast<double>(others + 1);
}

std::vector<KernelCase> kernel_cases(const KernelShape& shape) {
  const auto d = static_cast<double>(shape.head_dim);
  const auto g = static_cast<double>(shape.group);
  const auto n = static_cast<double>(shape.tokens);
  const auto held = static_cast<double>(entries_held(shape));
  const std::int64_t in_cache = cache_bytes(shape) / 2;  // copied to as many bytes again
  const double seen = entries_seen(shape.tokens, shape.budget_tokens);
  const double all = entries_seen(shape.tokens, shape.tokens);
  const double flops_per_pair = 4 * g * d;  // q k and w v, an addition for each multiplication
  const double ends = 4 * 2 * g * d;        // bytes of a query and its output
  const double entry = 4 * 2 * d;           // bytes of a key and a value
  const double document = n * (ends + entry);
  const auto size = static_cast<double>(kProductSize);
  return {
      {"copy_memory", 2.0 * kLargeCopy, 0, [](const KernelShape&) { return copy_of(kLargeCopy); }},
      {"copy_cache", 2.0 * static_cast<double>(in_cache), 0,
       [in_cache](const KernelShape&) { return copy_of(in_cache); }},
      {"product", 4 * 3 * size * size, 2 * size * size * size, large_product},
      {"slot_kernel", ends + held * entry, held * flops_per_pair,
       [](const KernelShape& s) -> Call {
         const auto kernel = std::make_shared<SlotKernel>(s);
         return [kernel] { kernel->run(); };
       }},
      {"slot_document", n * ends + seen * entry, seen * flops_per_pair,
       [](const KernelShape& s) -> Call {
         const auto head = std::make_shared<DocumentHead>(s);
         return [head] { head->run_in_slots(); };
       }},
      {"masked_dense", document, all * flops_per_pair,
       [](const KernelShape& s) { return masked(s, false); }},
      {"masked_window", document, seen * flops_per_pair,
       [](const KernelShape& s) { return masked(s, true); }},
  };
}

}  // namespace pressroom
