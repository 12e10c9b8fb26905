// A weight [out,in] of a model, in the form in which it is held: float32, in 16 bits, or in the
// blocks of a quantised file. Its rows may be of several forms, as where a file quantises q, k and
// v, which are multiplied as one, each in its own way.
//
//   const Weight weight(at::randn({576, 1536}));
//   weight.widened(0, 64);                      // 64 rows as float32, [64,1536]
//   weight.for_runs(0, 576, [&](const WeightRows& rows, std::int64_t first) {
//     few_rows_product(x, 1, rows, out + first, weight.out());
//   });
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "model/few_rows.h"
#include "weights/weight_form.h"

namespace pressroom {

// Rows of one form. Of a dense form `memory` is [rows,in], on any device; in blocks it is the bytes
// of them, [rows, row_bytes(form, in)] of uint8, in host memory. Contiguous.
struct WeightRun {
  at::Tensor memory;
  WeightForm form = WeightForm::kFloat32;

  std::int64_t rows() const { return memory.size(0); }
};

// The dtype of a run's memory: of blocks, uint8.
c10::ScalarType memory_dtype(WeightForm form);

// Values are shared, not copied, as those of tensors are. Safe to read from several threads.
class Weight {
 public:
  Weight() = default;

  // Of a [out,in] tensor of float32, bfloat16 or float16.
  explicit Weight(const at::Tensor& dense);

  // Runs one below the other, of rows of `in` elements, all on one device.
  Weight(std::vector<WeightRun> runs, std::int64_t in);

  std::int64_t out() const { return out_; }
  std::int64_t in() const { return in_; }
  const std::vector<WeightRun>& runs() const { return runs_; }
  at::Device device() const { return runs_.front().memory.device(); }

  // In memory.
  std::int64_t bytes() const;

  // Calls use(WeightRows, row) for each run, or part of one, of rows `first` to `first` + `count`
  // - 1, in order; `row` is the first of its rows, counted in the whole weight. In host memory.
  template <class Use>
  void for_runs(std::int64_t first, std::int64_t count, const Use& use) const;

  // Rows `first` to `first` + `count` - 1 as float32 into `to`, [count,in]. In host memory.
  void widen(std::int64_t first, std::int64_t count, float* to) const;

  // The same as a tensor, on the weight's device: a view where they are float32 already, else a
  // copy. All of them, or into `scratch`, in host memory, which is made larger where it must be.
  at::Tensor widened() const;
  at::Tensor widened(std::int64_t first, std::int64_t count, std::vector<float>& scratch) const;

  // The rows that `ids` [n] (int64, on the weight's device) names, as float32 [n,in].
  at::Tensor gathered(const at::Tensor& ids) const;

 private:
  std::vector<WeightRun> runs_;
  std::int64_t out_ = 0;
  std::int64_t in_ = 0;
};

template <class Use>
void Weight::for_runs(std::int64_t first, std::int64_t count, const Use& use) const {
  std::int64_t begin = 0;  // of the run
  for (const WeightRun& run : runs_) {
    const std::int64_t from = std::max(first, begin);
    const std::int64_t to = std::min(first + count, begin + run.rows());
    if (from < to) {
      const WeightRows all = {run.memory.data_ptr(), run.form, run.rows(), in_};
      use(all.slice(from - begin, to - from), from);
    }
    begin += run.rows();
  }
}

}  // namespace pressroom
