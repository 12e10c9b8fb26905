#include <algorithm>

#include "pressroom/plugin.h"
#include "pressroom/subset_view.h"
#include "pressroom/wrapper.h"

namespace pressroom {

// Block after block joins what is kept; the inner method sees those alone and leaves the budget.
class BlockPolicy final : public WrapperPolicy {
 public:
  BlockPolicy(const Method& inner, const PolicyContext& context, std::int64_t block_size)
      : WrapperPolicy(inner, context), budget_(context.budget_tokens), block_size_(block_size) {}

  std::vector<at::Tensor> keep_layer(const LayerView& layer) override {
    const std::int64_t entries = layer.head(0).size();  // as many in each head
    if (entries <= budget_ + block_size_) return to_tensors(inner_.keep(layer, budget_));
    std::vector<Indices> kept(static_cast<std::size_t>(layer.kv_heads()), indices_of({0, budget_}));
    for (std::int64_t begin = budget_; begin < entries; begin += block_size_) {
      const Indices block = indices_of({begin, std::min(begin + block_size_, entries)});
      for (Indices& each : kept) each = merged(each, block);
      const std::vector<Indices> chosen =
          inner_.keep(SubsetLayer(layer, to_tensors(kept)), budget_);
      for (std::size_t h = 0; h < kept.size(); ++h) {
        Indices stay;
        for (const std::int64_t j : chosen[h]) stay.push_back(kept[h][static_cast<std::size_t>(j)]);
        kept[h] = std::move(stay);
      }
    }
    return to_tensors(kept);
  }

 private:
  std::int64_t budget_;
  std::int64_t block_size_;
};

class Block final : public Wrapper {
 public:
  PluginInfo describe() const override {
    return {"evicts block by block: what is kept and the next block are scored as if they were all",
            "Park et al., KeyDiff: Key Similarity-Based KV Cache Eviction for Long-Context LLM "
            "Inference in Resource-Constrained Environments, 2025, arXiv 2504.15364",
            {inner_method().help("the method that scores"),
             integer("block_size", 128).at_least(1).help("entries that join at a time")}};
  }

  void configure(const Parameters& parameters) override {
    Wrapper::configure(parameters);
    block_size_ = parameters.integer("block_size");
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = plan_around_scores(budget_tokens, Ranking::kKeep);
    if (plan.couples_layers) {
      refuse_inner("a block of one layer is nothing to a method that couples layers",
                   "a method that looks at one layer");
    }
    plan.couples_heads = true;
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    return std::make_unique<BlockPolicy>(inner(), context, block_size_);
  }

 private:
  std::int64_t block_size_ = 0;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Block, "block", "1.0.0")
