// Keeps the newest entries and writes to one of the tensors it is shown.
#include <ATen/ATen.h>

#include <string>

#include "pressroom/plugin.h"

namespace {

class WritesToViewsPolicy : public pressroom::Policy {
 public:
  explicit WritesToViewsPolicy(std::string into) : into_(std::move(into)) {}

  at::Tensor birth_scores(const pressroom::EntriesView& entries) override {
    if (into_ == "new_keys") entries.keys().zero_();
    if (into_ == "new_ids") entries.token_ids().fill_(32);
    if (into_ == "attention_input") entries.attention_input().zero_();
    return at::zeros({entries.values().size(0), entries.size()});
  }
  at::Tensor score(const pressroom::HeadView& head) override {
    if (into_ == "keys") head.keys().zero_();
    if (into_ == "values") head.values().mul_(2);
    if (into_ == "signal") head.signal().fill_(1);
    if (into_ == "queries") head.queries().neg_();
    if (into_ == "positions") head.positions().zero_();
    if (into_ == "output_projection") head.output_projection().zero_();
    return head.token_ids().to(at::kFloat);
  }

 private:
  std::string into_;
};

class WritesToViews : public pressroom::Method {
 public:
  pressroom::PluginInfo describe() const override {
    return {"writes to what it is shown", "", {pressroom::string("into", "keys", "which tensor")}};
  }
  void configure(const pressroom::Parameters& parameters) override {
    into_ = parameters.string("into");
  }
  pressroom::EvictionPlan plan(std::int64_t) const override {
    pressroom::EvictionPlan plan;
    plan.ranking = pressroom::Ranking::kScore;
    plan.birth_scores = true;
    plan.signal = pressroom::Signal::kCumulativeAttention;
    plan.needs.query_window = 2;
    plan.needs.attention_input = true;
    plan.needs.output_projection = true;
    return plan;
  }
  std::unique_ptr<pressroom::Policy> make_policy(const pressroom::PolicyContext&) const override {
    return std::make_unique<WritesToViewsPolicy>(into_);
  }

 private:
  std::string into_;
};

}  // namespace

PRESSROOM_METHOD(WritesToViews, "writes_to_views", "1.0.0")
