#include <ATen/ATen.h>

#include <filesystem>

#include "pressroom/error.h"
#include "pressroom/plugin.h"
#include "pressroom/tensor_file.h"

namespace pressroom {

// Score of an entry: -<f, k>, with the filter f of its layer and KV head.
struct QFilter final : Scorer<QFilter> {
  std::string file;
  at::Tensor filters;  // [L,G,d]

  static Declaration<QFilter> declare() {
    return Declaration<QFilter>(
               "keeps the entries whose keys the mean query direction, learnt beforehand, favours")
        .paper(
            "Godey et al., Q-Filters: Leveraging QK Geometry for Efficient KV Cache Compression, "
            "2025, arXiv 2503.02812")
        .parameter(&QFilter::file,
                   required("filters", ParameterType::kPath,
                            ".safetensors file with q_filters [layers, KV heads, head dim], or "
                            "the directory model.safetensors lies in"));
  }

  void bind(const ModelContext& context) override {
    const ModelFacts& model = context.model;
    std::filesystem::path path = file;
    if (std::filesystem::is_directory(path)) path /= "model.safetensors";
    file = path.string();
    filters = take_tensor(read_tensors(path), "q_filters",
                          {model.layers, model.kv_heads, model.head_dim}, path);
  }

  std::vector<std::string> files() const override { return {file}; }

  at::Tensor score(const HeadView& head, const PolicyContext& context) const {
    PRESSROOM_ASSERT(filters.defined());
    return -head.keys().mv(filters[context.layer][head.kv_head()]);
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::QFilter, "qfilter", "1.0.0")
