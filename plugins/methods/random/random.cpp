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
                   boolean("redraw", false).help("draws all entries anew at every step"))
        .share(&Random::share);
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = StatefulMethod::plan(budget_tokens);
    if (redraw) plan.ranking = Ranking::kScore;
    return plan;
  }

  struct Live final : PolicyOf<Random> {
    using PolicyOf::PolicyOf;

    at::Tensor birth_scores(const EntriesView& entries) override {
      at::Tensor scores = at::empty({entries.keys().size(0), entries.size()}, at::kFloat);
      for (std::int64_t head = 0; head < scores.size(0); ++head) {
        draw(context.random.with(head), entries.positions(), scores[head].data_ptr<float>());
      }
      return scores;
    }

    at::Tensor score(const HeadView& head) override {
      const at::Tensor positions = head.positions();
      const std::int64_t newest = positions[-1].item<std::int64_t>();
      at::Tensor scores = at::empty({head.size()}, at::kFloat);
      draw(context.random.with("redraw").with(head.kv_head()).with(newest), positions,
           scores.data_ptr<float>());
      return scores;
    }

    static void draw(const RandomKey& key, const at::Tensor& positions, float* scores) {
      const at::Tensor entries = positions.contiguous();
      for (std::int64_t i = 0; i < entries.numel(); ++i) {
        scores[i] = static_cast<float>(key.with(entries.data_ptr<std::int64_t>()[i]).uniform());
      }
    }
  };
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Random, "random", "1.1.0")
