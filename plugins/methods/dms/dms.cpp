#include <ATen/ATen.h>

#include <algorithm>

#include "pressroom/plugin.h"
#include "pressroom/wrapper.h"

namespace pressroom {

// An entry is decided on once, when it leaves the window of the last `window` tokens: it goes if
// its score is below the threshold, else it stays for good.
struct Dms final : StatefulWrapper<Dms> {
  double threshold = 0;
  std::int64_t window = 0;
  bool decoding = true;

  static Declaration<Dms> declare() {
    return Declaration<Dms>(
               "evicts what the inner method scores below a threshold, once it leaves a window")
        .paper(
            "after Lancucki et al., Inference-Time Hyper-Scaling with KV Cache Compression, 2025, "
            "arXiv 2506.05345, as used by KVzap, 2026, arXiv 2601.07891")
        .inner("the method that scores")
        .parameter(&Dms::threshold,
                   required("threshold", ParameterType::kNumber, "lower scores leave"))
        .parameter(&Dms::window, integer("window", 128, "last tokens, never evicted")
                                     .at_least(0)
                                     .alias("sliding_window_size"))
        .parameter(&Dms::decoding, boolean("decoding", true, "act after the prompt too"))
        .scope(BudgetScope::kNone)
        .recents(0)  // counted in tokens here, as the window is
        .planned([](const Dms& self, EvictionPlan& plan) {
          if (!self.decoding) plan.phases = Phases::kPrefill;
        });
  }

  struct Live final : WrapperPolicyOf<Dms> {
    using WrapperPolicyOf::WrapperPolicyOf;

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

    // The entries that are to be decided on now, and counts them as decided.
    IndexRange take_due(const HeadView& head) {
      if (head.size() == 0) return {};
      const auto view = static_cast<std::size_t>(head.kv_head());
      if (decided.size() <= view) decided.resize(view + 1, inner_.plan().sinks);
      const Indices positions = to_indices(head.positions());
      const std::int64_t horizon = positions.back() + 1 - window;
      const auto index = [&](std::int64_t position) {
        return std::lower_bound(positions.begin(), positions.end(), position) - positions.begin();
      };
      const IndexRange due = {index(decided[view]), index(horizon)};
      decided[view] = std::max(decided[view], horizon);
      return due;
    }

    at::Tensor kept(const HeadView& head, IndexRange due, const at::Tensor& scores) const {
      const float* score = scores.data_ptr<float>();
      Indices stay;
      for (std::int64_t j = 0; j < head.size(); ++j) {
        const bool leaves = j >= due.begin && j < due.end && score[j] < method.threshold;
        if (!leaves) stay.push_back(j);
      }
      return to_tensor(stay);
    }

    const std::int64_t window = std::max(method.window, inner_.plan().recents);
    std::vector<std::int64_t> decided;  // for each KV head, positions below are decided on
  };
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Dms, "dms", "1.0.0")
