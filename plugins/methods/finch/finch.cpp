#include <ATen/ATen.h>

#include "pressroom/plugin.h"
#include "pressroom/window_attention.h"

namespace pressroom {

// Score of an entry: the mean attention of the last queries, each multiplied by the number of
// entries before it, as attention thins out with the entries it is spread over.
class FinchPolicy final : public Policy {
 public:
  explicit FinchPolicy(bool normalize_scores) : normalize_scores_(normalize_scores) {}

  at::Tensor score(const HeadView& head) override {
    const WindowAttention window = window_attention(head);
    std::vector<float> factors(window.visible.size(), 1);
    if (normalize_scores_) {
      for (std::size_t i = 0; i < factors.size(); ++i) {
        factors[i] = static_cast<float>(std::max<std::int64_t>(window.visible[i] - 1, 0));
      }
    }
    at::Tensor scores = window.weights.t().mv(at::tensor(factors)) / window.weights.size(0);
    scores.narrow(0, window.older, head.size() - window.older).zero_();
    return scores;
  }

 private:
  bool normalize_scores_;
};

class Finch final : public Method {
 public:
  PluginInfo describe() const override {
    return {"keeps what the last queries, the question, attend to; positions close up",
            "Corallo and Papotti, FINCH: Prompt-guided Key-Value Cache Compression for Large "
            "Language Models, TACL 2024, arXiv 2408.00167",
            {integer("window_size", 64)
                 .at_least(1)
                 .alias("window")
                 .help("last queries, whose attention decides; their entries are never evicted"),
             boolean("normalize_scores", true)
                 .help("weigh each query by the number of entries before it"),
             boolean("rerotate_keys", true)
                 .help("positions by cache index after evictions, else the original ones")}};
  }

  void configure(const Parameters& parameters) override {
    window_size_ = parameters.integer("window_size");
    normalize_scores_ = parameters.boolean("normalize_scores");
    rerotate_keys_ = parameters.boolean("rerotate_keys");
  }

  EvictionPlan plan(std::int64_t /*budget_tokens*/) const override {
    EvictionPlan plan;
    plan.ranking = Ranking::kScore;
    plan.recents = window_size_;
    plan.needs.query_window = window_size_;
    plan.positions = rerotate_keys_ ? Positions::kCacheIndex : Positions::kOriginal;
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& /*context*/) const override {
    return std::make_unique<FinchPolicy>(normalize_scores_);
  }

 private:
  std::int64_t window_size_ = 0;
  bool normalize_scores_ = true;
  bool rerotate_keys_ = true;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Finch, "finch", "1.0.0")
