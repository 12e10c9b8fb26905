// What the scorers are fitted to, on disk: for each layer the hidden states of the sampled tokens
// and what is to be predicted from them. A layer is read back alone, so memory never holds more.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <vector>

#include "files/mapped_file.h"

namespace pressroom {

// The rows of one layer, in the order they were written; they live as long as this.
class KvzapLayerRows {
 public:
  // The files `inputs` and `targets` of `input_size` and `outputs` numbers a row.
  KvzapLayerRows(const std::filesystem::path& inputs, const std::filesystem::path& targets,
                 std::int64_t input_size, std::int64_t outputs);

  const at::Tensor& inputs() const { return inputs_; }    // [N,D] float16
  const at::Tensor& targets() const { return targets_; }  // [N,G] float32

 private:
  MappedFile input_file_, target_file_;
  at::Tensor inputs_, targets_;
};

class KvzapRows {
 public:
  // Empties and makes `folder`. Throws Error when it cannot, or when the disk has no room for
  // `expected_rows` rows.
  KvzapRows(std::filesystem::path folder, std::int64_t layers, std::int64_t input_size,
            std::int64_t outputs, std::int64_t expected_rows);
  // Removes the folder unless `keep` was called.
  ~KvzapRows();
  KvzapRows(const KvzapRows&) = delete;
  KvzapRows& operator=(const KvzapRows&) = delete;

  // Adds `inputs` [n,D] float16 and `targets` [n,G] float32 to a layer. Throws Error when they
  // cannot be written.
  void add(std::int64_t layer, const at::Tensor& inputs, const at::Tensor& targets);
  void finish();  // after the last `add`, before the first `layer`
  void keep() { is_kept_ = true; }

  KvzapLayerRows layer(std::int64_t layer) const;

 private:
  std::filesystem::path file(std::int64_t layer, const char* what) const;
  void write(std::ofstream& out, const at::Tensor& rows, const std::filesystem::path& file);

  std::filesystem::path folder_;
  std::int64_t input_size_, outputs_;
  std::vector<std::ofstream> inputs_, targets_;  // of each layer
  bool is_kept_ = false;
};

}  // namespace pressroom
