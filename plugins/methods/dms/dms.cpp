#include <ATen/ATen.h>

#include <algorithm>

#include "pressroom/plugin.h"
#include "pressroom/wrapper.h"

namespace pressroom {

// An entry is decided on once, when it leaves the window of the last `window` tokens: it goes if
// its score is below the threshold, else it stays for good.
class DmsPolicy final : public WrapperPolicy {
 public:
  DmsPolicy(const Method& inner, const PolicyContext& context, double threshold,
            std::int64_t window)
      : WrapperPolicy(inner, context), threshold_(threshold), window_(window) {}

  at::Tensor keep(const HeadView& head) override {
    const IndexRange due = take_due(head);
    return due.size() > 0 ? kept(head, due, inner_.score(head))
                          : at::arange(head.size(), at::kLong);
  }

  std::vector<at::Tensor> keep_layer(const LayerView& layer) override {
    const std::vector<at::Tensor> scores = inner_.scores(layer);
    std::vector<at::Tensor> all;
    for (std::size_t h = 0; h < scores.size(); ++h) {
      const HeadView& head = layer.head(static_cast<std::int64_t>(h));
      all.push_back(kept(head, take_due(head), scores[h]));
    }
    return all;
  }

 private:
  // The entries that are to be decided on now, and counts them as decided.
  IndexRange take_due(const HeadView& head) {
    if (head.size() == 0) return {};
    const auto view = static_cast<std::size_t>(head.kv_head());
    if (decided_.size() <= view) decided_.resize(view + 1, inner_.plan().sinks);
    const at::Tensor positions = head.positions().contiguous();
    const std::int64_t* first = positions.data_ptr<std::int64_t>();
    const std::int64_t* last = first + head.size();
    const std::int64_t horizon = last[-1] + 1 - window_;
    const auto index = [&](std::int64_t position) {
      return std::lower_bound(first, last, position) - first;
    };
    const IndexRange due = {index(decided_[view]), index(horizon)};
    decided_[view] = std::max(decided_[view], horizon);
    return due;
  }

  at::Tensor kept(const HeadView& head, IndexRange due, const at::Tensor& scores) const {
    const float* score = scores.data_ptr<float>();
    Indices stay;
    for (std::int64_t j = 0; j < head.size(); ++j) {
      const bool leaves = j >= due.begin && j < due.end && score[j] < threshold_;
      if (!leaves) stay.push_back(j);
    }
    return to_tensor(stay);
  }

  double threshold_;
  std::int64_t window_;
  std::vector<std::int64_t> decided_;  // for each KV head, positions below are decided on
};

class Dms final : public Wrapper {
 public:
  PluginInfo describe() const override {
    return {"evicts what the inner method scores below a threshold, once it leaves a window",
            "after Lancucki et al., Inference-Time Hyper-Scaling with KV Cache Compression, 2025, "
            "arXiv 2506.05345, as used by KVzap, 2026, arXiv 2601.07891",
            {inner_method().help("the method that scores"),
             required("threshold", ParameterType::kNumber).help("lower scores leave"),
             integer("window", 128)
                 .at_least(0)
                 .alias("sliding_window_size")
                 .help("last tokens, never evicted"),
             boolean("decoding", true).help("act after the prompt too")}};
  }

  void configure(const Parameters& parameters) override {
    Wrapper::configure(parameters);
    threshold_ = parameters.number("threshold");
    window_ = parameters.integer("window");
    decoding_ = parameters.boolean("decoding");
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = plan_around_scores(budget_tokens, Ranking::kKeep);
    plan.scope = BudgetScope::kNone;
    plan.recents = 0;  // counted in tokens here, as the window is
    if (!decoding_) plan.phases = Phases::kPrefill;
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    const std::int64_t recents = inner().plan(context.budget_tokens).recents;
    return std::make_unique<DmsPolicy>(inner(), context, threshold_, std::max(window_, recents));
  }

 private:
  double threshold_ = 0;
  std::int64_t window_ = 0;
  bool decoding_ = true;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Dms, "dms", "1.0.0")
