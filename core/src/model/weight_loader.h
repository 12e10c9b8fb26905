// Fills a model's tensors from a checkpoint: in parallel, rounded to the dtype they are held in,
// and never holding more than one small piece twice.
//
//   WeightLoader loader(source, WeightDtype::kBfloat16);
//   Weight qk = loader.weight({{"q_proj.weight", {576, 576}}, {"k_proj.weight", {192, 576}}});
//   loader.load(2, progress);      // only now is `qk` filled
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "model/weight.h"
#include "weights/weight_source.h"

namespace pressroom {

// How weights are held in memory. All arithmetic is float32 whatever it is.
enum class WeightDtype {
  kFloat32,
  // Half the memory; rounded once when loaded, and widened as they are read (docs/models.md has
  // figures).
  kBfloat16,
  kFloat16,
  // Each tensor as the file has it, quantised blocks too (weights/weight_form.h); nothing is
  // rounded.
  kStored,
};

// "float32", "bfloat16", "float16", "stored".
const char* to_string(WeightDtype dtype);
const std::vector<std::string>& weight_dtype_names();

// Throws Error when `name` is none of weight_dtype_names().
WeightDtype parse_weight_dtype(const std::string& name);

// Told, from one thread at a time, of the elements that have been loaded so far and of their total.
using LoadProgress = std::function<void(std::int64_t done, std::int64_t total)>;

// Rows of a tensor of the checkpoint, and the shape that the whole of it must have.
struct NamedRows {
  std::string name;
  std::vector<std::int64_t> shape;
  std::int64_t first = 0;
  std::int64_t count = -1;  // all from `first` on
};

class WeightLoader {
 public:
  // `source` is borrowed until load() has returned. Tensors are made on `device`.
  WeightLoader(const WeightSource& source, WeightDtype dtype, const at::Device& device = at::kCPU)
      : source_(source), dtype_(dtype), device_(device) {}

  // Each returns rows of all parts, one below the other, which load() will fill. Throws Error for a
  // tensor that is missing or of another shape.
  Weight weight(const std::vector<NamedRows>& parts);      // of tables, all equally wide
  at::Tensor vector(const std::vector<NamedRows>& parts);  // of vectors; float32 whatever the dtype

  // Where the checkpoint stores tensor `copy`, load() will check that it has the values of
  // `original`, to the bit once both are widened. Throws Error for another shape.
  void expect_copy(const std::string& copy, const std::string& original);

  // Fills them all on `threads` threads. Throws Error for values that are not finite, or that are
  // too large for float16, and for a copy that differs.
  void load(std::int64_t threads, const LoadProgress& progress);

  // Throws Error when the checkpoint has a tensor that was not asked for, but for those named in
  // `spare`: then the config describes another model, and its figures would be that model's.
  void check_nothing_left(const std::vector<std::string>& spare) const;

  // Of all that was asked for.
  std::int64_t bytes() const { return bytes_; }

 private:
  // Consecutive rows of one tensor, small enough to be read in one go.
  struct Piece {
    std::string name;
    std::int64_t first_row = 0;
    at::Tensor rows;  // where they go
    WeightForm form = WeightForm::kFloat32;
    std::int64_t elements = 0;
  };

  // The same rows of two tensors.
  struct Pair {
    std::string copy, original;
    std::int64_t first_row = 0, rows = 0;
  };

  // How a table of the checkpoint is held. Throws Error where `stored` asks for what cannot be.
  WeightForm form_of(const NamedRows& part) const;
  void refuse_to_keep(const std::string& name, const std::string& expected) const;
  // Memory for `rows` rows of `in` elements.
  at::Tensor make(std::int64_t rows, std::int64_t in, WeightForm form);
  // Asks for the rows of `part`, of `in` elements, into `rows`.
  void add(const NamedRows& part, std::int64_t in, WeightForm form, const at::Tensor& rows);
  void fill(const Piece& piece) const;
  void fill_as_stored(const Piece& piece) const;
  void check_pair(const Pair& pair) const;

  const WeightSource& source_;
  WeightDtype dtype_;
  at::Device device_;
  std::vector<Piece> pieces_;
  std::vector<Pair> pairs_;
  std::int64_t bytes_ = 0;
};

}  // namespace pressroom
