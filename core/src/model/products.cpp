#include "model/products.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <dlfcn.h>

#include <algorithm>
#include <vector>

#include "model/few_rows.h"
#include "parallel/parallel_for.h"

namespace pressroom {
namespace {

// Large enough that starting threads is small beside reading a block: 2 MB of weights.
constexpr std::int64_t kBlockElements = 1 << 19;

thread_local std::int64_t product_threads = 1;

// `weight` as float32: itself, or widened into memory that this thread uses again.
at::Tensor widened(const at::Tensor& weight) {
  if (weight.scalar_type() == at::kFloat) return weight;
  thread_local std::vector<float> scratch;
  scratch.resize(static_cast<std::size_t>(weight.numel()));
  return at::from_blob(scratch.data(), weight.sizes(), at::kFloat).copy_(weight);
}

// A piece of a weight that is worth a thread's while: 128 KB are read in some microseconds.
constexpr std::int64_t kLeastPieceElements = 1 << 15;

// Of few rows: cut into pieces as it suits the threads, since sums do not depend on the cut.
at::Tensor of_few_rows(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  const WeightRows all = weight_rows_of(weight);
  const at::Tensor rows = x.contiguous();
  at::Tensor out = at::empty({x.size(0), all.out}, x.options());
  const std::int64_t least = std::max<std::int64_t>(kLeastPieceElements / all.in, 1);
  const std::int64_t piece = std::max((all.out + product_threads - 1) / product_threads, least);
  parallel_for((all.out + piece - 1) / piece, product_threads, [&](std::int64_t i) {
    const std::int64_t first = i * piece;
    few_rows_product(rows.data_ptr<float>(), rows.size(0),
                     all.slice(first, std::min(piece, all.out - first)),
                     out.data_ptr<float>() + first, all.out);
  });
  if (bias.defined()) out.add_(bias);
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

at::Tensor product(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  if (!weight.is_cpu()) return at::linear(x, weight.to(at::kFloat), bias);
  if (x.size(0) > 0 && x.size(0) <= kMostFewRows && weight.is_contiguous()) {
    return of_few_rows(x, weight, bias);
  }
  const std::int64_t rows = weight.size(0);
  const std::int64_t block = std::max<std::int64_t>(kBlockElements / weight.size(1), 1);
  if (rows <= block) {
    const at::Tensor transposed = widened(weight).t();
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
    at::mm_out(part, x, widened(weight.narrow(0, first, count)).t());
    if (bias.defined()) part.add_(bias.narrow(0, first, count));
  });
  return out;
}

}  // namespace pressroom
