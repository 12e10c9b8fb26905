// Named tensors of a checkpoint: one view of safetensors files, single or sharded, and of GGUF.
//
//   std::unique_ptr<WeightSource> weights = open_weights(files);
//   weights->shape("model.norm.weight");                       // {576}
//   weights->read_rows("lm_head.weight", 0, 64, buffer);       // 64 rows, widened to float32
//   at::Tensor norm = read_tensor(*weights, "model.norm.weight", {576});   // checked, a copy
//
// Names and layouts are those of a Hugging Face checkpoint, whatever the file calls or permutes
// them. Rows are read as float32, or as they are stored. Nothing is kept: a tensor is read out of
// the mapped file piece by piece, so loading a model never holds it twice. Below: what every source
// needs to count its rows, and how messages speak of tensors.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "pressroom/error.h"

namespace pressroom {

class WeightSource {
 public:
  virtual ~WeightSource();

  virtual bool contains(const std::string& name) const = 0;

  // Of all tensors, sorted.
  virtual std::vector<std::string> names() const = 0;

  // Of a tensor that is there; the last extent is the one that lies together in memory.
  virtual const std::vector<std::int64_t>& shape(const std::string& name) const = 0;

  // Rows `first` .. `first` + `count` - 1 of tensor `name` as float32 into `out`: a row is one
  // index of the first extent with everything below it, and a vector has rows of one element.
  // Exact: every stored type is widened, none rounded. Values that are not finite pass; the reader
  // of a model refuses them. Safe to call from several threads. Throws Error when the tensor is
  // missing (naming the nearest name), or of an element type that is not supported.
  virtual void read_rows(const std::string& name, std::int64_t first, std::int64_t count,
                         float* out) const = 0;

  // What the file calls the element type of `name`: "F32", "BF16", "Q4_1", also where it cannot be
  // read. Throws Error when the tensor is missing.
  virtual std::string stored_type(const std::string& name) const = 0;

  // The same rows as they are stored, row_bytes() (weights/weight_form.h) each, of a tensor whose
  // stored type is a WeightForm and whose rows are whole blocks.
  virtual void read_stored_rows(const std::string& name, std::int64_t first, std::int64_t count,
                                void* out) const = 0;

  // The file that holds `name` and its name there, for messages: "model.gguf: blk.0.attn_q.weight".
  virtual std::string place(const std::string& name) const = 0;

 protected:
  WeightSource() = default;
};

// Rows of a tensor as WeightSource counts them, along the first extent: a scalar is one row.
inline std::int64_t row_count(const std::vector<std::int64_t>& shape) {
  return shape.empty() ? 1 : shape[0];
}

// Elements of a row. Without meaning, but safe to ask, where there are no rows.
inline std::int64_t row_elements(const std::vector<std::int64_t>& shape) {
  std::uint64_t elements = 1;
  for (std::size_t i = 1; i < shape.size(); ++i) elements *= static_cast<std::uint64_t>(shape[i]);
  return static_cast<std::int64_t>(elements);
}

// Asserts that rows `first` .. `first` + `count` - 1 are there.
inline void check_rows(const std::vector<std::int64_t>& shape, std::int64_t first,
                       std::int64_t count) {
  PRESSROOM_ASSERT(first >= 0 && count >= 0 && first + count <= row_count(shape));
}

// "[2, 3]", for messages.
std::string shape_text(const std::vector<std::int64_t>& shape);

// Enough of a piece of a file to recognise it by: at most 200 bytes, and nothing that would upset a
// terminal.
std::string excerpt(const std::string& text);
std::string in_quotes(const std::string& text);  // an excerpt

// Throws the Error of a tensor that `weights` does not contain, naming the nearest one. `shape` is
// what it was expected to be, where that is known.
[[noreturn]] void missing_tensor(const WeightSource& weights, const std::string& name,
                                 const std::vector<std::int64_t>* shape = nullptr);

// Tensor `name` of `shape` as float32, a copy. Throws Error when it is missing (naming the nearest
// name), of another shape, of an element type that is not supported, or not finite throughout.
at::Tensor read_tensor(const WeightSource& weights, const std::string& name,
                       const std::vector<std::int64_t>& shape);

// Throws Error when tensor `name` is missing or of another shape than `shape`.
void check_tensor(const WeightSource& weights, const std::string& name,
                  const std::vector<std::int64_t>& shape);

// Throws Error when one of `count` values that were read from tensor `name` is NaN or infinite,
// saying how many are.
void check_finite(const WeightSource& weights, const std::string& name, const float* values,
                  std::int64_t count);

}  // namespace pressroom
