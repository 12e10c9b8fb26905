#include "model/weight_loader.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <set>

#include "parallel/parallel_for.h"
#include "pressroom/error.h"
#include "weights/weight_source.h"

namespace pressroom {

const std::vector<std::string>& weight_dtype_names() {
  static const std::vector<std::string> kNames = {"float32", "bfloat16", "float16"};
  return kNames;
}

const char* to_string(WeightDtype dtype) {
  return weight_dtype_names()[static_cast<std::size_t>(dtype)].c_str();
}

WeightDtype parse_weight_dtype(const std::string& name) {
  for (const WeightDtype dtype :
       {WeightDtype::kFloat32, WeightDtype::kBfloat16, WeightDtype::kFloat16}) {
    if (name == to_string(dtype)) return dtype;
  }
  throw Error(
      {"weights cannot be held as that", "dtype", "float32, bfloat16 or float16", name, ""});
}

c10::ScalarType scalar_type(WeightDtype dtype) {
  switch (dtype) {
    case WeightDtype::kBfloat16:
      return c10::kBFloat16;
    case WeightDtype::kFloat16:
      return c10::kHalf;
    default:
      return c10::kFloat;
  }
}

namespace {

// 1 MB of float32: stays in a core's cache between being read and being rounded.
constexpr std::int64_t kPieceElements = 1 << 18;

// Of a tensor with rows of `width` elements.
std::int64_t rows_of_piece(std::int64_t width) {
  return std::max<std::int64_t>(kPieceElements / std::max<std::int64_t>(width, 1), 1);
}

std::uint32_t bits_of(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

[[noreturn]] void refuse_copy(const WeightSource& source, const std::string& copy,
                              const std::string& original, const std::string& got) {
  throw Error({"the checkpoint stores another output head than config.json asks for",
               source.place(copy),
               "the values of \"" + original + "\", to which tie_word_embeddings ties it", got,
               "set tie_word_embeddings to false in config.json to use the stored head, or save "
               "the model without it"});
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
  const std::int64_t most = rows_of_piece(width);
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

void WeightLoader::expect_copy(const std::string& copy, const std::string& original) {
  if (!source_.contains(copy)) return;
  const std::vector<std::int64_t>& shape = source_.shape(original);
  if (source_.shape(copy) != shape) {
    refuse_copy(source_, copy, original,
                shape_text(source_.shape(copy)) + ", and not " + shape_text(shape));
  }
  const std::int64_t most = rows_of_piece(row_elements(shape));
  for (std::int64_t row = 0; row < row_count(shape); row += most) {
    pairs_.push_back({copy, original, row, std::min(most, row_count(shape) - row)});
  }
}

void WeightLoader::check_nothing_left(const std::vector<std::string>& spare) const {
  std::set<std::string> used(spare.begin(), spare.end());
  for (const Piece& piece : pieces_) used.insert(piece.name);
  for (const Pair& pair : pairs_) used.insert(pair.copy);
  std::vector<std::string> left;
  for (const std::string& name : source_.names()) {
    if (used.count(name) == 0) left.push_back(name);
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
  // Finite when read, so rounding made it infinite; bfloat16 has the exponents of float32.
  if (dtype == at::kHalf && !at::isfinite(rounded).all().item<bool>()) {
    throw Error({"a weight is too large for float16", source_.place(piece.name),
                 "values of at most 65504", std::to_string(wide.abs().max().item<float>()),
                 "use dtype: bfloat16 or float32"});
  }
  piece.rows.copy_(rounded);
}

void WeightLoader::check_pair(const Pair& pair) const {
  const std::int64_t width = row_elements(source_.shape(pair.original));
  std::vector<float> copy(static_cast<std::size_t>(pair.rows * width));
  std::vector<float> original(copy.size());
  source_.read_rows(pair.copy, pair.first_row, pair.rows, copy.data());
  source_.read_rows(pair.original, pair.first_row, pair.rows, original.data());
  // A NaN is not equal to itself: of one that both hold, check_finite is to say so.
  const auto same = [](float a, float b) { return bits_of(a) == bits_of(b); };
  const auto [other, ignored] = std::mismatch(copy.begin(), copy.end(), original.begin(), same);
  if (other == copy.end()) return;
  refuse_copy(source_, pair.copy, pair.original,
              "other values, first in row " +
                  std::to_string(pair.first_row + (other - copy.begin()) / width));
}

void WeightLoader::load(std::int64_t threads, const LoadProgress& progress) {
  std::int64_t total = 0;
  std::int64_t done = 0;
  for (const Piece& piece : pieces_) total += piece.rows.numel();
  parallel_for(static_cast<std::int64_t>(pairs_.size()), threads,
               [&](std::int64_t i) { check_pair(pairs_[i]); });
  pairs_.clear();
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
