#include <ATen/ATen.h>

#include "pressroom/plugin.h"
#include "pressroom/protection.h"
#include "pressroom/share.h"

namespace pressroom {

// One uniform number per entry, drawn once when the entry is born: a survivor is not drawn again
// unless asked for.
class UniformPolicy final : public Policy {
 public:
  explicit UniformPolicy(const RandomKey& random) : random_(random) {}

  at::Tensor birth_scores(const EntriesView& entries) override {
    at::Tensor scores = at::empty({entries.keys().size(0), entries.size()}, at::kFloat);
    for (std::int64_t head = 0; head < scores.size(0); ++head) {
      draw(random_.with(head), entries.positions(), scores[head].data_ptr<float>());
    }
    return scores;
  }

  at::Tensor score(const HeadView& head) override {
    const at::Tensor positions = head.positions();
    const std::int64_t newest = positions[-1].item<std::int64_t>();
    at::Tensor scores = at::empty({head.size()}, at::kFloat);
    draw(random_.with("redraw").with(head.kv_head()).with(newest), positions,
         scores.data_ptr<float>());
    return scores;
  }

 private:
  static void draw(const RandomKey& key, const at::Tensor& positions, float* scores) {
    const at::Tensor entries = positions.contiguous();
    for (std::int64_t i = 0; i < entries.numel(); ++i) {
      scores[i] = static_cast<float>(key.with(entries.data_ptr<std::int64_t>()[i]).uniform());
    }
  }

  RandomKey random_;
};

class Random final : public Method {
 public:
  PluginInfo describe() const override {
    std::vector<ParameterSpec> parameters = Protection::parameters(0, 0);
    parameters.push_back(boolean("redraw", false).help("draws all entries anew at every step"));
    parameters.push_back(share_parameter());
    return {"keeps entries by independent uniform scores per layer, head and position: the floor",
            "", parameters};
  }

  void configure(const Parameters& parameters) override {
    protection_.configure(parameters);
    redraw_ = parameters.boolean("redraw");
    share_ = share_of(parameters);
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = protection_.plan(budget_tokens);
    plan.ranking = redraw_ ? Ranking::kScore : Ranking::kBirthScore;
    set_share(plan, share_);
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    return std::make_unique<UniformPolicy>(context.random);
  }

 private:
  Protection protection_;
  bool redraw_ = false;
  Share share_ = Share::kKvHead;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Random, "random", "1.1.0")
