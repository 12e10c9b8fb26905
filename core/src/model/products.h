// Matrix products, the bulk of a model's work, and the threads they run on.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "model/few_rows.h"
#include "model/weight.h"

namespace pressroom {

// Threads that `product` may use when it is called from the calling thread. Everything else
// libtorch and its BLAS do there runs on one thread: a BLAS that shares a product among threads as
// it likes sums in another order for every number of them.
void set_product_threads(std::int64_t threads);

// What was set for the calling thread.
std::int64_t product_thread_count();

// x [n,in] times the transpose of weight [out,in], plus bias [out] where it is defined: [n,out],
// all float32. A weight that is held in another form is widened block of rows by block of rows,
// which gives the bits of the same weight held in float32. Everything lies on one device; if that
// is not the CPU, a product is libtorch's own, of the whole weight widened to float32.
// Up to kMostFewRows rows (model/few_rows.h) are multiplied so that a row's numbers do not depend
// on how many there are. For more, a large weight is cut into blocks of rows, which threads share.
// The blocks depend on the weight's shape alone, so the result is the same, bit for bit, for any
// number of threads.
at::Tensor product(const at::Tensor& x, const Weight& weight, const at::Tensor& bias);

// The same for a few rows [rows,in] in plain memory, into out [rows,weight.out()]. `bias`:
// [weight.out()], or null. Threads share the weight; nothing is allocated.
void shared_few_rows_product(const float* x, std::int64_t rows, const Weight& weight,
                             const float* bias, float* out);

}  // namespace pressroom
