#include <ATen/ATen.h>

#include <vector>

#include "engine/attention/sequential_kernel.h"
#include "engine/attention/slot_tensors.h"

namespace pressroom {
namespace {

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

const SequentialKernel& portable_kernel() {
  static const PortableKernel kernel;
  return kernel;
}

}  // namespace pressroom
