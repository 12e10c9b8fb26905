#include "pressroom/plugin.h"
#include "pressroom/share.h"

namespace pressroom {

// Ranks by the attention of the newest query alone; that query's own entry is safe.
class Tova final : public Method {
 public:
  PluginInfo describe() const override {
    return {"keeps what the newest query attends to, the same entries in all heads of a layer",
            "Oren et al., Transformers are Multi-State RNNs, EMNLP 2024, arXiv 2401.06104",
            {share_parameter(Share::kLayer)}};
  }

  void configure(const Parameters& parameters) override { share_ = share_of(parameters); }

  EvictionPlan plan(std::int64_t /*budget_tokens*/) const override {
    EvictionPlan plan;
    plan.ranking = Ranking::kSignal;
    plan.signal = Signal::kLastQueryAttention;
    plan.recents = 1;
    set_share(plan, share_);
    return plan;
  }

 private:
  Share share_ = Share::kLayer;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Tova, "tova", "1.0.0")
