#include <ATen/ATen.h>

#include <algorithm>

#include "pressroom/plugin.h"
#include "pressroom/wrapper.h"

namespace pressroom {

// Chunks of consecutive entries stay or leave as wholes, in all heads alike, by the mean over the
// chunk of the scores summed over heads.
class ChunkKvPolicy final : public WrapperPolicy {
 public:
  ChunkKvPolicy(const Method& inner, const PolicyContext& context, std::int64_t chunk_length,
                bool as_kvpress)
      : WrapperPolicy(inner, context),
        budget_(context.budget_tokens),
        length_(chunk_length),
        as_kvpress_(as_kvpress) {}

  std::vector<at::Tensor> keep_layer(const LayerView& layer) override {
    const std::int64_t entries = layer.head(0).size();  // the same ones in each head
    if (entries <= budget_ || entries < length_) return to_tensors(inner_.keep(layer, budget_));
    const std::vector<float> scores = sum_of_heads(layer, entries);
    const std::vector<IndexRange> chunks = best_first(scores, entries);
    const auto whole =
        std::max<std::int64_t>(1, static_cast<std::int64_t>(chunks.size()) * budget_ / entries);
    Indices kept = inner_.protected_entries(layer.head(0));
    for (std::size_t i = 0; i < chunks.size(); ++i) {
      const Indices chunk = without(indices_of(chunks[i]), kept);
      const std::int64_t places = as_kvpress_ ? (static_cast<std::int64_t>(i) < whole ? length_ : 0)
                                              : budget_ - static_cast<std::int64_t>(kept.size());
      if (places <= 0) break;
      kept = merged(kept, highest(scores.data(), chunk, places));
    }
    return std::vector<at::Tensor>(static_cast<std::size_t>(layer.kv_heads()), to_tensor(kept));
  }

  // Chunks compete, not entries.
  std::vector<at::Tensor> ranked_by() const override { return {}; }

 private:
  std::vector<float> sum_of_heads(const LayerView& layer, std::int64_t entries) {
    std::vector<float> sum(static_cast<std::size_t>(entries), 0);
    for (const at::Tensor& scores : inner_.padded_scores(layer)) {
      const float* score = scores.data_ptr<float>();
      for (std::size_t j = 0; j < sum.size(); ++j) sum[j] += score[j];
    }
    return sum;
  }

  std::vector<IndexRange> best_first(const std::vector<float>& scores, std::int64_t entries) const {
    std::vector<IndexRange> chunks;
    std::vector<double> means;
    for (std::int64_t begin = 0; begin < entries; begin += length_) {
      const IndexRange chunk = {begin, std::min(begin + length_, entries)};
      double sum = 0;
      for (std::int64_t j = chunk.begin; j < chunk.end; ++j)
        sum += scores[static_cast<std::size_t>(j)];
      chunks.push_back(chunk);
      means.push_back(sum / static_cast<double>(chunk.size()));
    }
    const auto mean_of = [&](const IndexRange& chunk) {
      return means[static_cast<std::size_t>(chunk.begin / length_)];
    };
    std::sort(chunks.begin(), chunks.end(), [&](const IndexRange& a, const IndexRange& b) {
      return mean_of(a) != mean_of(b) ? mean_of(a) > mean_of(b) : a.begin > b.begin;
    });
    return chunks;
  }

  std::int64_t budget_;
  std::int64_t length_;
  bool as_kvpress_;
};

class ChunkKv final : public Wrapper {
 public:
  PluginInfo describe() const override {
    return {"keeps or evicts chunks of consecutive entries as wholes, by the inner method's scores",
            "Liu et al., ChunkKV: Semantic-Preserving KV Cache Compression for Efficient "
            "Long-Context LLM Inference, 2025, arXiv 2502.00299",
            {inner_method().help("the method that scores"),
             integer("chunk_length", 20).at_least(1).help("entries of a chunk"),
             string("compat", "none")
                 .one_of({"none", "kvpress"})
                 .help("kvpress: whole chunks only, whatever number of entries they make")}};
  }

  void configure(const Parameters& parameters) override {
    Wrapper::configure(parameters);
    chunk_length_ = parameters.integer("chunk_length");
    as_kvpress_ = parameters.string("compat") == "kvpress";
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = plan_around_scores(budget_tokens, Ranking::kKeep);
    if (as_kvpress_) {
      plan.scope = BudgetScope::kNone;
      plan.sized_by_budget = true;  // whole chunks, about the budget
    }
    plan.couples_heads = true;
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    return std::make_unique<ChunkKvPolicy>(inner(), context, chunk_length_, as_kvpress_);
  }

 private:
  std::int64_t chunk_length_ = 0;
  bool as_kvpress_ = false;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::ChunkKv, "chunkkv", "1.0.0")
