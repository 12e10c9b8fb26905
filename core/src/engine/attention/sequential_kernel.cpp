#include "engine/attention/sequential_kernel.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "engine/attention/slot_head.h"
#include "engine/attention/slot_tensors.h"
#include "parallel/parallel_for.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

// Row t of one head of `tensor` [G,N,d].
const float* row_of(const at::Tensor& tensor, std::int64_t head, std::int64_t t) {
  return tensor.data_ptr<float>() + head * tensor.stride(0) + t * tensor.stride(1);
}

// A thread for each KV head, which runs through the whole document: heads do not look at each
// other, and a head's entries stay in the cache of the core that works on it.
class SlotKernel final : public SequentialKernel {
 public:
  std::vector<EvictionLog> attend(const SequentialInput& input, const at::Tensor& out,
                                  std::int64_t threads) const override {
    const LayerTensors& tokens = input.tokens;
    PRESSROOM_ASSERT(tokens.queries.is_contiguous() && out.is_contiguous());
    PRESSROOM_ASSERT(tokens.keys.stride(2) == 1 && tokens.raw_keys.stride(2) == 1 &&
                     tokens.values.stride(2) == 1);
    std::vector<EvictionLog> evictions(static_cast<std::size_t>(tokens.keys.size(0)),
                                       EvictionLog(tokens.keys.size(1)));
    parallel_for(tokens.keys.size(0), threads, [&](std::int64_t head) {
      attend_head(input, head, out.data_ptr<float>(), evictions[head]);
    });
    return evictions;
  }

  bool needs_host_memory() const override { return true; }

 private:
  static void attend_head(const SequentialInput& input, std::int64_t kv_head, float* out,
                          EvictionLog& evictions) {
    const LayerTensors& tokens = input.tokens;
    const std::int64_t count = tokens.queries.size(2);
    const std::int64_t d = tokens.queries.size(3);
    const std::int64_t group = tokens.queries.size(1);
    const std::int64_t heads = tokens.keys.size(0);
    const float* queries = tokens.queries.data_ptr<float>() + kv_head * group * count * d;
    const float* scores = input.birth_scores.defined()
                              ? input.birth_scores.data_ptr<float>() + kv_head * count
                              : nullptr;
    const std::string place = head_place(input.layer, kv_head);
    SlotHead head(input.setup);
    std::vector<float> of_token(static_cast<std::size_t>(group * d));
    for (std::int64_t t = 0; t < count; ++t) {
      // Queries lie by head, for products over many tokens; here those of one token are needed.
      for (std::int64_t h = 0; h < group; ++h) {
        std::copy_n(queries + (h * count + t) * d, d, of_token.data() + h * d);
      }
      head.append(row_of(tokens.raw_keys, kv_head, t), row_of(tokens.keys, kv_head, t),
                  row_of(tokens.values, kv_head, t), scores == nullptr ? 0.0F : scores[t]);
      head.attend(of_token.data(), out + (t * heads + kv_head) * group * d);
      if (input.schedule.steps[t].evicts) head.evict(place, evictions);
    }
  }
};

// All KV heads in each operation: a device is slow to start one, and the work of a head for one
// token is too little to make up for it. No thread but the one that gives the commands.
class PortableKernel final : public SequentialKernel {
 public:
  std::vector<EvictionLog> attend(const SequentialInput& input, const at::Tensor& out,
                                  std::int64_t) const override {
    SlotTensors slots(input);
    for (std::int64_t t = 0; t < out.size(0); ++t) {
      slots.append(t);
      slots.attend(t, out.select(0, t));
      if (input.schedule.steps[t].evicts) slots.evict(t);
    }
    return slots.evictions();
  }

  bool needs_host_memory() const override { return false; }
};

}  // namespace

SequentialKernel::~SequentialKernel() = default;

const SequentialKernel& slot_kernel() {
  static const SlotKernel kernel;
  return kernel;
}

const SequentialKernel& portable_kernel() {
  static const PortableKernel kernel;
  return kernel;
}

// The portable kernel runs on a CPU as well, where tests hold the two to each other, but each of
// its operations costs more there than what a slot does to a whole head.
const SequentialKernel& kernel_for(const at::Device& device) {
  return device.is_cpu() ? slot_kernel() : portable_kernel();
}

std::string head_place(std::int64_t layer, std::int64_t kv_head) {
  return "layer " + std::to_string(layer) + ", kv head " + std::to_string(kv_head);
}

void refuse_nan_rank(const std::string& where, std::int64_t position, bool is_birth_score) {
  // A birth score is the method's own; a statistic is made of the model's attention, in which the
  // method has no part.
  throw Error({"a score is NaN", where + ", position " + std::to_string(position), "finite scores",
               "NaN",
               is_birth_score ? "fix the method: a NaN cannot be ranked"
                              : "the model's own activations are not finite here"});
}

}  // namespace pressroom
