#include <ATen/ATen.h>

#include <filesystem>

#include "pressroom/error.h"
#include "pressroom/plugin.h"
#include "pressroom/tensor_file.h"

namespace pressroom {

// Score of an entry: -<f, k>, with the filter f of its layer and KV head.
class QFilterPolicy final : public Policy {
 public:
  explicit QFilterPolicy(at::Tensor filters) : filters_(std::move(filters)) {}

  at::Tensor score(const HeadView& head) override {
    return -head.keys().mv(filters_[head.kv_head()]);
  }

 private:
  at::Tensor filters_;  // [G,d]
};

class QFilter final : public Method {
 public:
  PluginInfo describe() const override {
    return {"keeps the entries whose keys the mean query direction, learnt beforehand, favours",
            "Godey et al., Q-Filters: Leveraging QK Geometry for Efficient KV Cache Compression, "
            "2025, arXiv 2503.02812",
            {required("filters", ParameterType::kPath)
                 .help(".safetensors file with q_filters [layers, KV heads, head dim], or the "
                       "directory model.safetensors lies in")}};
  }

  void configure(const Parameters& parameters) override { file_ = parameters.string("filters"); }

  EvictionPlan plan(std::int64_t /*budget_tokens*/) const override {
    EvictionPlan plan;
    plan.ranking = Ranking::kScore;
    return plan;
  }

  void bind(const ModelContext& context) override {
    const ModelFacts& model = context.model;
    if (std::filesystem::is_directory(file_)) file_ /= "model.safetensors";
    filters_ = take_tensor(read_tensors(file_), "q_filters",
                           {model.layers, model.kv_heads, model.head_dim}, file_);
  }

  std::vector<std::string> files() const override { return {file_.string()}; }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    PRESSROOM_ASSERT(filters_.defined());
    return std::make_unique<QFilterPolicy>(filters_[context.layer]);
  }

 private:
  std::filesystem::path file_;
  at::Tensor filters_;  // [L,G,d]
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::QFilter, "qfilter", "1.0.0")
