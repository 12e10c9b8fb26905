#include "model/products.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <dlfcn.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "parallel/parallel_for.h"

namespace pressroom {
namespace {

// Large enough that starting threads is small beside reading a block: 2 MB of weights.
constexpr std::int64_t kBlockElements = 1 << 19;

thread_local std::int64_t product_threads = 1;

// Rows of `weight` as float32: a view of them, or in memory that this thread uses again.
at::Tensor widened(const Weight& weight, std::int64_t first, std::int64_t count) {
  thread_local std::vector<float> scratch;
  return weight.widened(first, count, scratch);
}

// A piece of a weight that is worth a thread's while: 128 KB are read in some microseconds.
constexpr std::int64_t kLeastPieceElements = 1 << 15;

at::Tensor of_few_rows(const at::Tensor& x, const Weight& weight, const at::Tensor& bias) {
  const at::Tensor rows = x.contiguous();
  at::Tensor out = at::empty({x.size(0), weight.out()}, x.options());
  shared_few_rows_product(rows.data_ptr<float>(), rows.size(0), weight,
                          bias.defined() ? bias.data_ptr<float>() : nullptr, out.data_ptr<float>());
  return out;
}

}  // namespace

void set_product_threads(std::int64_t threads) {
  product_threads = threads;
  use_one_torch_thread();
  // Looked up at run time: which BLAS is loaded is the system's choice, not the build's.
  void* set_blas_threads = ::dlsym(RTLD_DEFAULT, "openblas_set_num_threads");
  if (set_blas_threads != nullptr) reinterpret_cast<void (*)(int)>(set_blas_threads)(1);
}

std::int64_t product_thread_count() { return product_threads; }

at::Tensor product(const at::Tensor& x, const Weight& weight, const at::Tensor& bias) {
  if (!weight.device().is_cpu()) return at::linear(x, weight.widened(), bias);
  if (x.size(0) > 0 && x.size(0) <= kMostFewRows) return of_few_rows(x, weight, bias);
  const std::int64_t rows = weight.out();
  const std::int64_t block = std::max<std::int64_t>(kBlockElements / weight.in(), 1);
  if (rows <= block) {
    const at::Tensor transposed = widened(weight, 0, rows).t();
    return bias.defined() ? at::addmm(bias, x, transposed) : at::mm(x, transposed);
  }
  at::Tensor out = at::empty({x.size(0), rows}, x.options());
  const std::int64_t blocks = (rows + block - 1) / block;
  parallel_for(blocks, product_threads, [&](std::int64_t i) {
    // The mode is one of the thread: the pool's threads do not have the caller's.
    const c10::InferenceMode no_gradients;
    const std::int64_t first = i * block;
    const std::int64_t count = std::min(block, rows - first);
    at::Tensor part = out.narrow(1, first, count);
    at::mm_out(part, x, widened(weight, first, count).t());
    if (bias.defined()) part.add_(bias.narrow(0, first, count));
  });
  return out;
}

// Cut into pieces as it suits the threads, since sums do not depend on the cut.
void shared_few_rows_product(const float* x, std::int64_t rows, const Weight& weight,
                             const float* bias, float* out) {
  const std::int64_t outputs = weight.out();
  const std::int64_t least = std::max<std::int64_t>(kLeastPieceElements / weight.in(), 1);
  const std::int64_t piece = std::max((outputs + product_threads - 1) / product_threads, least);
  const auto body = [&](std::int64_t i) {
    const std::int64_t first = i * piece;
    const std::int64_t count = std::min(piece, outputs - first);
    weight.for_runs(first, count, [&](const WeightRows& run, std::int64_t row) {
      few_rows_product(x, rows, run, out + row, outputs);
    });
    if (bias == nullptr) return;
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t o = first; o < first + count; ++o) out[r * outputs + o] += bias[o];
    }
  };
  // By reference: a copy of what it captures would be allocated.
  parallel_for((outputs + piece - 1) / piece, product_threads, std::cref(body));
}

}  // namespace pressroom
