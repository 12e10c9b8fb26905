// What the scorers are fitted to, on disk: for each layer the hidden states of the sampled tokens
// and what is to be predicted from them. A layer is read back alone, so memory never holds more.
//
//   KvzapRows rows(folder, layers, input_size, outputs, expected_rows);
//   read_twice({model, reading, options, control, threads}, windows, rows);
//   rows.finish();
//   KvzapLayerRows first = rows.layer(0);
//
// The folder has a mark in it, the file UNFINISHED, from before the first row until all is removed
// or kept. A folder with the mark is one that a killed training left, and the next one removes it.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/mapped_file.h"
#include "engine/reconstruction/reconstruction.h"
#include "engine/run.h"
#include "model/model.h"
#include "train/kvzap/kvzap_trainer.h"

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

// Removes `folder` when a killed training left it, or it is empty; anything else is left as it is.
// Whoever calls this holds the lock of the folder around it. False when there was nothing to be
// removed. Throws Error when it cannot.
bool remove_unfinished_rows(const std::filesystem::path& folder);

class KvzapRows {
 public:
  // Makes `folder`. Throws Error when it cannot, when it is there, or when the disk has no room for
  // `expected_rows` rows.
  KvzapRows(std::filesystem::path folder, std::int64_t layers, std::int64_t input_size,
            std::int64_t outputs, std::int64_t expected_rows);
  // Removes the folder unless `keep` was called, or another folder is in its place by now.
  ~KvzapRows();
  KvzapRows(const KvzapRows&) = delete;
  KvzapRows& operator=(const KvzapRows&) = delete;

  // Adds `inputs` [n,D] float16 and `targets` [n,G] float32 to a layer. Throws Error when they
  // cannot be written.
  void add(std::int64_t layer, const at::Tensor& inputs, const at::Tensor& targets);
  void finish();  // after the last `add`, before the first `layer`

  KvzapLayerRows layer(std::int64_t layer) const;
  // A file or folder beside the rows that goes the way they go.
  std::filesystem::path beside(const std::string& name) const { return folder_ / name; }

  // Takes the mark away: from now on the folder is the user's. Throws Error when it cannot.
  void keep();

 private:
  std::filesystem::path file(std::int64_t layer, const char* what) const;
  bool is_in_place() const;  // whether the path still names the folder that was made
  void write(std::ofstream& out, const at::Tensor& rows, const std::filesystem::path& file);

  std::filesystem::path folder_;
  std::int64_t input_size_, outputs_;
  std::vector<std::ofstream> inputs_, targets_;  // of each layer
  std::uint64_t device_ = 0, inode_ = 0;         // of the folder that was made
  bool is_kept_ = false;
};

// The teacher's part of training: it reads windows twice, and a sample of their tokens becomes rows
// to learn from.
struct KvzapTeacher {
  const Model& model;
  const ContextReconstruction& reading;
  const TrainKvzapOptions& options;  // which tokens, by rows_per_window and seed
  const TrainKvzapControl& control;
  std::int64_t threads = 1;  // windows at a time
};

// Adds the rows of `windows` to `rows`, in their order. Throws Error when the model's hidden states
// do not fit into 16 bits, and Interrupted when asked to stop.
void read_twice(const KvzapTeacher& teacher, const std::vector<TokenDocument>& windows,
                KvzapRows& rows);

}  // namespace pressroom
