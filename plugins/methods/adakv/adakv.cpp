#include <ATen/ATen.h>

#include <algorithm>
#include <tuple>

#include "pressroom/plugin.h"
#include "pressroom/wrapper.h"

namespace pressroom {

// The layer's places go to its highest scores, whichever head they are in, after each head got
// `safe_tokens` for its own highest.
class AdaKvPolicy final : public WrapperPolicy {
 public:
  AdaKvPolicy(const Method& inner, const PolicyContext& context, std::int64_t safe_tokens)
      : WrapperPolicy(inner, context),
        budget_tokens_(context.budget_tokens),
        safe_tokens_(safe_tokens) {}

  std::vector<at::Tensor> keep_layer(const LayerView& layer) override {
    std::int64_t places = layer.kv_heads() * budget_tokens_;
    std::vector<Indices> kept;
    for (std::int64_t h = 0; h < layer.kv_heads(); ++h) {
      kept.push_back(indices_of({0, layer.head(h).size()}));
      places -= layer.head(h).size();
    }
    if (places < 0) share_out(layer, kept);
    return to_tensors(kept);
  }

 private:
  struct Entry {
    float score;
    std::int64_t position;
    std::size_t head;
    std::int64_t index;
    // Of equal scores the newer stays.
    bool operator<(const Entry& other) const {
      return std::tie(score, position, head) > std::tie(other.score, other.position, other.head);
    }
  };

  void share_out(const LayerView& layer, std::vector<Indices>& kept) {
    const std::vector<at::Tensor> scores = inner_.scores(layer);
    std::int64_t places = layer.kv_heads() * budget_tokens_;
    std::vector<Entry> rest;
    for (std::size_t h = 0; h < kept.size(); ++h) {
      const HeadView& head = layer.head(static_cast<std::int64_t>(h));
      const at::Tensor positions = head.positions().contiguous();
      const Indices safe = inner_.keep(head, scores[h], safe_tokens_);
      for (const std::int64_t j : without(kept[h], safe)) {
        rest.push_back(
            {scores[h].data_ptr<float>()[j], positions.data_ptr<std::int64_t>()[j], h, j});
      }
      places -= static_cast<std::int64_t>(safe.size());
      kept[h] = safe;
    }
    const auto last =
        rest.begin() + std::clamp<std::ptrdiff_t>(places, 0, rest.end() - rest.begin());
    std::nth_element(rest.begin(), last, rest.end());
    std::vector<Indices> more(kept.size());
    for (auto entry = rest.begin(); entry != last; ++entry)
      more[entry->head].push_back(entry->index);
    for (std::size_t h = 0; h < kept.size(); ++h) {
      std::sort(more[h].begin(), more[h].end());
      kept[h] = merged(kept[h], more[h]);
    }
  }

  std::int64_t budget_tokens_;
  std::int64_t safe_tokens_;
};

class AdaKv final : public Wrapper {
 public:
  PluginInfo describe() const override {
    return {"shares a layer's budget out among its KV heads by the inner method's scores",
            "Feng et al., Ada-KV: Optimizing KV Cache Eviction by Adaptive Budget Allocation for "
            "Efficient LLM Inference, 2024, arXiv 2407.11550",
            {inner_method().help("the method whose scores decide"),
             number("alpha_safeguard", 0.2)
                 .at_least(0)
                 .at_most(1)
                 .help("fraction of the budget that every head keeps")}};
  }

  void configure(const Parameters& parameters) override {
    Wrapper::configure(parameters);
    alpha_safeguard_ = parameters.number("alpha_safeguard");
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = plan_around_scores(budget_tokens, Ranking::kKeep);
    if (plan.share != Share::kKvHead) {
      refuse_inner("heads that hold the same entries leave no budget to share out",
                   "a method with share: kv_head");
    }
    plan.scope = BudgetScope::kLayer;
    plan.couples_heads = true;
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    const auto safe =
        static_cast<std::int64_t>(static_cast<double>(context.budget_tokens) * alpha_safeguard_);
    const std::int64_t least = alpha_safeguard_ > 0 ? 1 : 0;
    return std::make_unique<AdaKvPolicy>(inner(), context, std::max(safe, least));
  }

 private:
  double alpha_safeguard_ = 0;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::AdaKv, "adakv", "1.0.0")
