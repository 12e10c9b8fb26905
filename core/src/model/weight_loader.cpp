#include "model/weight_loader.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <mutex>
#include <set>

#include "parallel/parallel_for.h"
#include "pressroom/error.h"
#include "weights/read_tensor.h"

namespace pressroom {
namespace {

// 1 MB of float32: stays in a core's cache between being read and being rounded.
constexpr std::int64_t kPieceElements = 1 << 18;

// What older checkpoints carry along and the reference library computes anew: rotary frequencies
// and causal masks.
bool is_buffer(const std::string& name) {
  for (const std::string suffix :
       {".inv_freq", ".attention.bias", ".masked_bias", "rope_freqs.weight"}) {
    if (name.size() >= suffix.size() &&
        name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0) {
      return true;
    }
  }
  return false;
}

}  // namespace

at::Tensor WeightLoader::make(std::int64_t rows, const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> extents = shape;
  extents[0] = rows;
  const at::ScalarType dtype = shape.size() == 1 ? at::kFloat : scalar_type(dtype_);
  at::Tensor tensor = at::empty(extents, at::TensorOptions(dtype).device(device_));
  bytes_ += tensor.numel() * static_cast<std::int64_t>(tensor.element_size());
  return tensor;
}

void WeightLoader::add(const std::string& name, std::int64_t first_row, const at::Tensor& rows) {
  const std::int64_t width = rows.numel() / rows.size(0);
  const std::int64_t most = std::max<std::int64_t>(kPieceElements / width, 1);
  for (std::int64_t row = 0; row < rows.size(0); row += most) {
    const std::int64_t count = std::min(most, rows.size(0) - row);
    pieces_.push_back({name, first_row + row, rows.narrow(0, row, count)});
  }
}

at::Tensor WeightLoader::stacked(const std::vector<NamedShape>& parts) {
  std::int64_t rows = 0;
  for (const NamedShape& part : parts) {
    check_tensor(source_, part.name, part.shape);
    rows += part.shape[0];
  }
  at::Tensor tensor = make(rows, parts.front().shape);
  std::int64_t row = 0;
  for (const NamedShape& part : parts) {
    add(part.name, 0, tensor.narrow(0, row, part.shape[0]));
    row += part.shape[0];
  }
  return tensor;
}

at::Tensor WeightLoader::reordered(const NamedShape& part,
                                   const std::vector<std::pair<std::int64_t, std::int64_t>>& runs) {
  check_tensor(source_, part.name, part.shape);
  at::Tensor tensor = make(part.shape[0], part.shape);
  std::int64_t row = 0;
  for (const auto& [first, count] : runs) {
    add(part.name, first, tensor.narrow(0, row, count));
    row += count;
  }
  return tensor;
}

void WeightLoader::check_nothing_left(const std::vector<std::string>& spare) const {
  std::set<std::string> used(spare.begin(), spare.end());
  for (const Piece& piece : pieces_) used.insert(piece.name);
  std::vector<std::string> left;
  for (const std::string& name : source_.names()) {
    if (used.count(name) == 0 && !is_buffer(name)) left.push_back(name);
  }
  if (left.empty()) return;
  throw Error({"the checkpoint has weights that the model does not use", source_.place(left[0]),
               "the tensors that config.json describes, and no others",
               std::to_string(left.size()) + " more, \"" + left[0] + "\" the first",
               "check that config.json and the weights belong together"});
}

void WeightLoader::fill(const Piece& piece) const {
  const c10::InferenceMode no_gradients;
  const std::int64_t count = piece.rows.numel();
  const at::ScalarType dtype = piece.rows.scalar_type();
  const bool in_place = dtype == at::kFloat && piece.rows.is_cpu();
  const at::Tensor wide = in_place ? piece.rows : at::empty(piece.rows.sizes(), at::kFloat);
  auto* values = wide.data_ptr<float>();
  source_.read_rows(piece.name, piece.first_row, piece.rows.size(0), values);
  check_finite(source_, piece.name, values, count);
  if (in_place) return;
  const at::Tensor rounded = wide.to(dtype);
  if (dtype == at::kHalf && !at::isfinite(rounded).all().item<bool>()) {
    throw Error({"a weight is too large for float16", source_.place(piece.name),
                 "values of at most 65504", std::to_string(wide.abs().max().item<float>()),
                 "use dtype: bfloat16 or float32"});
  }
  piece.rows.copy_(rounded);
}

void WeightLoader::load(std::int64_t threads, const LoadProgress& progress) {
  std::int64_t total = 0;
  std::int64_t done = 0;
  for (const Piece& piece : pieces_) total += piece.rows.numel();
  std::mutex mutex;
  parallel_for(static_cast<std::int64_t>(pieces_.size()), threads, [&](std::int64_t i) {
    fill(pieces_[i]);
    const std::lock_guard<std::mutex> lock(mutex);
    done += pieces_[i].rows.numel();
    if (progress) progress(done, total);
  });
  pieces_.clear();
}

}  // namespace pressroom
