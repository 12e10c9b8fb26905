#include <ATen/ATen.h>

#include "pressroom/plugin.h"

namespace pressroom {

// Ranks by age: the newest entries outrank all older ones.
struct RecencyPolicy final : Policy {
  at::Tensor birth_scores(const EntriesView& entries) override {
    const std::int64_t kv_heads = entries.keys().size(0);
    return entries.positions().to(at::kFloat).expand({kv_heads, entries.size()});
  }
};

class StreamingLlm final : public Method {
 public:
  PluginInfo describe() const override {
    return {"keeps the first n_sink entries and the most recent ones",
            "Xiao et al., Efficient Streaming Language Models with Attention Sinks, ICLR 2024, "
            "arXiv 2309.17453",
            {integer("n_sink", 4)
                 .at_least(0)
                 .alias("sinks")
                 .alias("start_size")
                 .help("first tokens of the document, never evicted")}};
  }

  void configure(const Parameters& parameters) override { n_sink_ = parameters.integer("n_sink"); }

  EvictionPlan plan(std::int64_t /*budget_tokens*/) const override {
    EvictionPlan plan;
    plan.ranking = Ranking::kBirthScore;
    plan.sinks = n_sink_;
    plan.positions = Positions::kCacheIndex;
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& /*context*/) const override {
    return std::make_unique<RecencyPolicy>();
  }

 private:
  std::int64_t n_sink_ = 0;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::StreamingLlm, "streaming_llm", "1.0.0")
