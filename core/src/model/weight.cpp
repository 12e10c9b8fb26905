#include "model/weight.h"

#include <ATen/ATen.h>

#include <utility>

#include "pressroom/error.h"

namespace pressroom {
namespace {

WeightForm dense_form(const at::Tensor& tensor) {
  if (tensor.scalar_type() == at::kBFloat16) return WeightForm::kBfloat16;
  if (tensor.scalar_type() == at::kHalf) return WeightForm::kFloat16;
  PRESSROOM_ASSERT(tensor.scalar_type() == at::kFloat);
  return WeightForm::kFloat32;
}

}  // namespace

c10::ScalarType memory_dtype(WeightForm form) {
  switch (form) {
    case WeightForm::kFloat32:
      return c10::kFloat;
    case WeightForm::kBfloat16:
      return c10::kBFloat16;
    case WeightForm::kFloat16:
      return c10::kHalf;
    default:
      return c10::kByte;
  }
}

Weight::Weight(const at::Tensor& dense) : Weight({{dense, dense_form(dense)}}, dense.size(1)) {}

Weight::Weight(std::vector<WeightRun> runs, std::int64_t in) : runs_(std::move(runs)), in_(in) {
  PRESSROOM_ASSERT(!runs_.empty());
  for (const WeightRun& run : runs_) {
    const at::Tensor& memory = run.memory;
    const std::int64_t width = is_in_blocks(run.form) ? row_bytes(run.form, in) : in;
    PRESSROOM_ASSERT(memory.dim() == 2 && memory.size(1) == width && memory.is_contiguous() &&
                     memory.scalar_type() == memory_dtype(run.form) &&
                     in % block_elements(run.form) == 0 && memory.device() == device() &&
                     (memory.is_cpu() || !is_in_blocks(run.form)));
    out_ += run.rows();
  }
}

std::int64_t Weight::bytes() const {
  std::int64_t bytes = 0;
  for (const WeightRun& run : runs_) bytes += static_cast<std::int64_t>(run.memory.nbytes());
  return bytes;
}

void Weight::widen(std::int64_t first, std::int64_t count, float* to) const {
  PRESSROOM_ASSERT(first >= 0 && count >= 0 && first + count <= out_);
  for_runs(first, count, [&](const WeightRows& rows, std::int64_t row) {
    widen_weight_rows(rows, to + (row - first) * in_);
  });
}

at::Tensor Weight::widened() const {
  if (device().is_cpu()) {
    if (runs_.size() == 1 && runs_[0].form == WeightForm::kFloat32) return runs_[0].memory;
    at::Tensor wide = at::empty({out_, in_}, at::kFloat);
    widen(0, out_, wide.data_ptr<float>());
    return wide;
  }
  std::vector<at::Tensor> parts;
  for (const WeightRun& run : runs_) parts.push_back(run.memory.to(at::kFloat));
  return parts.size() == 1 ? parts[0] : at::cat(parts);
}

at::Tensor Weight::widened(std::int64_t first, std::int64_t count,
                           std::vector<float>& scratch) const {
  if (runs_.size() == 1 && runs_[0].form == WeightForm::kFloat32) {
    return runs_[0].memory.narrow(0, first, count);
  }
  const auto size = static_cast<std::size_t>(count * in_);
  if (scratch.size() < size) scratch.resize(size);
  widen(first, count, scratch.data());
  return at::from_blob(scratch.data(), {count, in_}, at::kFloat);
}

at::Tensor Weight::gathered(const at::Tensor& ids) const {
  // An embedding is one tensor of a file, and so of one form.
  if (!device().is_cpu()) return runs_.front().memory.index_select(0, ids).to(at::kFloat);
  const at::Tensor each = ids.contiguous();
  at::Tensor rows = at::empty({each.size(0), in_}, at::kFloat);
  for (std::int64_t i = 0; i < each.size(0); ++i) {
    widen(each.data_ptr<std::int64_t>()[i], 1, rows.data_ptr<float>() + i * in_);
  }
  return rows;
}

}  // namespace pressroom
