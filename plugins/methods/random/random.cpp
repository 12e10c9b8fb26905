#include <ATen/ATen.h>

#include "pressroom/plugin.h"

namespace pressroom {

// One uniform number per entry, drawn once when the entry is born: a survivor is not drawn again
// unless asked for.
struct Random final : StatefulMethod<Random, Ranking::kBirthScore> {
  std::int64_t n_sink = 0;
  TokensOrFraction recent;
  bool redraw = false;
  Share share = Share::kKvHead;

  static Declaration<Random> declare() {
    return Declaration<Random>(
               "keeps entries by independent uniform scores per layer, head and position: the "
               "floor")
        .sinks(&Random::n_sink, 0)
        .recents(&Random::recent, 0)
        .parameter(&Random::redraw,
                   boolean("redraw", false, "draws all entries anew at every step"))
        .share(&Random::share)
        .planned([](const Random& self, EvictionPlan& plan) {
          if (self.redraw) plan.ranking = Ranking::kScore;
        });
  }

  struct Live final : PolicyOf<Random> {
    using PolicyOf::PolicyOf;
    bool keeps_state() const override { return false; }

    at::Tensor birth_scores(const EntriesView& entries) override {
      std::vector<at::Tensor> scores;
      for (std::int64_t head = 0; head < entries.keys().size(0); ++head) {
        scores.push_back(drawn(context.random.with(head), entries.positions()));
      }
      return at::stack(scores);
    }

    at::Tensor score(const HeadView& head) override {
      const auto newest = head.positions()[-1].item<std::int64_t>();
      return drawn(context.random.with("redraw").with(head.kv_head()).with(newest),
                   head.positions());
    }

    // [n], for n `positions`.
    static at::Tensor drawn(const RandomKey& key, const at::Tensor& positions) {
      std::vector<float> scores;
      for (const std::int64_t position : to_indices(positions)) {
        scores.push_back(static_cast<float>(key.with(position).uniform()));
      }
      return at::tensor(scores);
    }
  };
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Random, "random", "1.1.0")
