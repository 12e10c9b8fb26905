// Named tensors of a checkpoint: one view of safetensors files, single or sharded, and of GGUF.
//
//   std::unique_ptr<WeightSource> weights = open_weights(files);
//   weights->shape("model.norm.weight");                       // {576}
//   weights->read_rows("lm_head.weight", 0, 64, buffer);       // 64 rows, widened to float32
//
// Names and layouts are those of a Hugging Face checkpoint, whatever the file calls or permutes
// them. Nothing is kept: a tensor is read out of the mapped file piece by piece, so loading a model
// never holds it twice.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

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

  // The file that holds `name` and its name there, for messages: "model.gguf: blk.0.attn_q.weight".
  virtual std::string place(const std::string& name) const = 0;

 protected:
  WeightSource() = default;
};

}  // namespace pressroom
