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
  static const std::vector<std::string> kNames = {"float32", "bfloat16", "float16", "stored"};
  return kNames;
}

const char* to_string(WeightDtype dtype) {
  return weight_dtype_names()[static_cast<std::size_t>(dtype)].c_str();
}

WeightDtype parse_weight_dtype(const std::string& name) {
  const std::vector<std::string>& names = weight_dtype_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<WeightDtype>(found - names.begin());
  throw Error({"weights cannot be held as that", "dtype", "float32, bfloat16, float16 or stored",
               name, ""});
}

namespace {

// 1 MB of float32: stays in a core's cache between being read and being rounded.
constexpr std::int64_t kPieceElements = 1 << 18;

std::int64_t rows_in(const NamedRows& part) {
  return part.count < 0 ? part.shape[0] - part.first : part.count;
}

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

void WeightLoader::refuse_to_keep(const std::string& name, const std::string& expected) const {
  const std::vector<std::int64_t>& shape = source_.shape(name);
  throw Error({"a tensor cannot be kept as it is stored", source_.place(name), expected,
               excerpt(source_.stored_type(name)) + " " + shape_text(shape),
               "use dtype: float32, bfloat16 or float16, or a file with another quantisation"});
}

WeightForm WeightLoader::form_of(const NamedRows& part) const {
  if (dtype_ == WeightDtype::kFloat32) return WeightForm::kFloat32;
  if (dtype_ == WeightDtype::kBfloat16) return WeightForm::kBfloat16;
  if (dtype_ == WeightDtype::kFloat16) return WeightForm::kFloat16;
  const std::optional<WeightForm> form = weight_form_named(source_.stored_type(part.name));
  if (!form) refuse_to_keep(part.name, weight_form_names());
  if (row_elements(part.shape) % block_elements(*form) != 0) {
    refuse_to_keep(part.name, "rows of whole blocks of " + std::to_string(block_elements(*form)));
  }
  if (is_in_blocks(*form) && !device_.is_cpu()) {
    refuse_to_keep(part.name, "F32, BF16 or F16 on " + device_.str());
  }
  return *form;
}

at::Tensor WeightLoader::make(std::int64_t rows, std::int64_t in, WeightForm form) {
  const std::int64_t width = is_in_blocks(form) ? row_bytes(form, in) : in;
  const at::TensorOptions options = at::TensorOptions(memory_dtype(form)).device(device_);
  at::Tensor memory = at::empty({rows, width}, options);
  bytes_ += static_cast<std::int64_t>(memory.nbytes());
  return memory;
}

void WeightLoader::add(const NamedRows& part, std::int64_t in, WeightForm form,
                       const at::Tensor& rows) {
  const std::int64_t most = rows_of_piece(in);
  for (std::int64_t row = 0; row < rows.size(0); row += most) {
    const std::int64_t count = std::min(most, rows.size(0) - row);
    pieces_.push_back({part.name, part.first + row, rows.narrow(0, row, count), form, count * in});
  }
}

Weight WeightLoader::weight(const std::vector<NamedRows>& parts) {
  const std::int64_t in = row_elements(parts.front().shape);
  std::vector<WeightRun> runs;
  for (std::size_t begin = 0; begin < parts.size();) {
    // As many parts as are of one form.
    std::int64_t rows = 0;
    std::size_t end = begin;
    WeightForm form = WeightForm::kFloat32;
    for (; end < parts.size(); ++end) {
      check_tensor(source_, parts[end].name, parts[end].shape);
      const WeightForm next = form_of(parts[end]);
      if (end > begin && next != form) break;
      form = next;
      rows += rows_in(parts[end]);
    }
    runs.push_back({make(rows, in, form), form});
    std::int64_t row = 0;
    for (; begin < end; ++begin) {
      const std::int64_t count = rows_in(parts[begin]);
      add(parts[begin], in, form, runs.back().memory.narrow(0, row, count));
      row += count;
    }
  }
  return Weight(std::move(runs), in);
}

at::Tensor WeightLoader::vector(const std::vector<NamedRows>& parts) {
  std::int64_t rows = 0;
  for (const NamedRows& part : parts) {
    check_tensor(source_, part.name, part.shape);
    rows += rows_in(part);
  }
  const at::Tensor column = make(rows, 1, WeightForm::kFloat32);
  std::int64_t row = 0;
  for (const NamedRows& part : parts) {
    add(part, 1, WeightForm::kFloat32, column.narrow(0, row, rows_in(part)));
    row += rows_in(part);
  }
  return column.view({rows});
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
  const bool is_host = piece.rows.is_cpu();
  if (is_host && source_.stored_type(piece.name) == to_string(piece.form)) {
    return fill_as_stored(piece);
  }
  const at::ScalarType dtype = piece.rows.scalar_type();
  const bool in_place = dtype == at::kFloat && is_host;
  const at::Tensor wide = in_place ? piece.rows : at::empty(piece.rows.sizes(), at::kFloat);
  auto* values = wide.data_ptr<float>();
  source_.read_rows(piece.name, piece.first_row, piece.rows.size(0), values);
  check_finite(source_, piece.name, values, piece.elements);
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

// There is nothing to round: quantised blocks, and numbers that the file holds in the same dtype.
void WeightLoader::fill_as_stored(const Piece& piece) const {
  const std::int64_t rows = piece.rows.size(0);
  void* memory = piece.rows.data_ptr();
  source_.read_stored_rows(piece.name, piece.first_row, rows, memory);
  if (piece.form == WeightForm::kFloat32) {
    return check_finite(source_, piece.name, static_cast<const float*>(memory), piece.elements);
  }
  std::vector<float> values(static_cast<std::size_t>(piece.elements));
  widen_weight_rows({memory, piece.form, rows, piece.elements / rows}, values.data());
  check_finite(source_, piece.name, values.data(), piece.elements);
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
  for (const Piece& piece : pieces_) total += piece.elements;
  parallel_for(static_cast<std::int64_t>(pairs_.size()), threads,
               [&](std::int64_t i) { check_pair(pairs_[i]); });
  pairs_.clear();
  std::mutex mutex;
  parallel_for(static_cast<std::int64_t>(pieces_.size()), threads, [&](std::int64_t i) {
    fill(pieces_[i]);
    const std::lock_guard<std::mutex> lock(mutex);
    done += pieces_[i].elements;
    if (progress) progress(done, total);
  });
  pieces_.clear();
}

}  // namespace pressroom
