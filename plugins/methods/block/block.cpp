#include <algorithm>

#include "pressroom/plugin.h"
#include "pressroom/subset_view.h"
#include "pressroom/wrapper.h"

namespace pressroom {

// Block after block joins what is kept; the inner method sees those alone and leaves the budget.
struct Block final : WrapperOf<Block> {
  std::int64_t block_size = 0;

  static Declaration<Block> declare() {
    return Declaration<Block>(
               "evicts block by block: what is kept and the next block are scored as if they were "
               "all")
        .paper(
            "Park et al., KeyDiff: Key Similarity-Based KV Cache Eviction for Long-Context LLM "
            "Inference in Resource-Constrained Environments, 2025, arXiv 2504.15364")
        .inner("the method that scores")
        .refuses_coupled_layers("a block of one layer is nothing to a method that couples layers")
        .parameter(&Block::block_size,
                   integer("block_size", 128, "entries that join at a time").at_least(1));
  }

  std::vector<Indices> keep_layer(const LayerView& layer, InnerPolicy& inner,
                                  const PolicyContext& context) const {
    const std::int64_t budget = context.budget_tokens;
    const std::int64_t entries = entries_per_head(layer);
    if (entries <= budget + block_size) return inner.keep(layer, budget);
    std::vector<Indices> kept(static_cast<std::size_t>(layer.kv_heads()), indices_of({0, budget}));
    for (std::int64_t begin = budget; begin < entries; begin += block_size) {
      const Indices block = indices_of({begin, std::min(begin + block_size, entries)});
      for (Indices& each : kept) each = merged(each, block);
      kept = through(kept, inner.keep(SubsetLayer(layer, to_tensors(kept)), budget));
    }
    return kept;
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Block, "block", "1.0.0")
