#include <ATen/ATen.h>

#include <algorithm>
#include <numeric>

#include "pressroom/plugin.h"
#include "pressroom/wrapper.h"

namespace pressroom {

// Chunks of consecutive entries stay or leave as wholes, in all heads alike, by the mean over the
// chunk of the scores summed over heads.
struct ChunkKv final : StatefulWrapper<ChunkKv> {
  std::int64_t chunk_length = 0;
  bool as_kvpress = false;

  static Declaration<ChunkKv> declare() {
    return Declaration<ChunkKv>(
               "keeps or evicts chunks of consecutive entries as wholes, by the inner method's "
               "scores")
        .paper(
            "Liu et al., ChunkKV: Semantic-Preserving KV Cache Compression for Efficient "
            "Long-Context LLM Inference, 2025, arXiv 2502.00299")
        .inner("the method that scores")
        .parameter(&ChunkKv::chunk_length,
                   integer("chunk_length", 20, "entries of a chunk").at_least(1))
        .kvpress_compat(&ChunkKv::as_kvpress,
                        "kvpress: whole chunks only, whatever number of entries they make")
        .couples_heads()
        .planned([](const ChunkKv& self, EvictionPlan& plan) {
          if (!self.as_kvpress) return;
          plan.scope = BudgetScope::kNone;
          plan.sized_by_budget = true;  // whole chunks, about the budget
        });
  }

  struct Chunk {
    IndexRange range;
    double mean;
  };

  // By descending mean of `scores` [T]; of equal means the newer first.
  std::vector<Chunk> best_first(const std::vector<float>& scores) const {
    const auto entries = static_cast<std::int64_t>(scores.size());
    std::vector<Chunk> chunks;
    for (std::int64_t begin = 0; begin < entries; begin += chunk_length) {
      const IndexRange range = {begin, std::min(begin + chunk_length, entries)};
      const double sum =
          std::accumulate(scores.begin() + range.begin, scores.begin() + range.end, 0.0);
      chunks.push_back({range, sum / static_cast<double>(range.size())});
    }
    std::sort(chunks.begin(), chunks.end(), [](const Chunk& a, const Chunk& b) {
      return a.mean != b.mean ? a.mean > b.mean : a.range.begin > b.range.begin;
    });
    return chunks;
  }

  struct Live final : WrapperPolicyOf<ChunkKv> {
    using WrapperPolicyOf::WrapperPolicyOf;
    bool keeps_state() const override { return inner_.policy().keeps_state(); }

    std::vector<at::Tensor> keep_layer(const LayerView& layer) override {
      const std::int64_t budget = context.budget_tokens, length = method.chunk_length;
      const std::int64_t entries = entries_per_head(layer);
      if (entries <= budget || entries < length) return to_tensors(inner_.keep(layer, budget));
      std::vector<float> sum(static_cast<std::size_t>(entries), 0);
      for (const at::Tensor& scores : inner_.padded_scores(layer)) {
        const float* score = scores.data_ptr<float>();
        for (std::size_t j = 0; j < sum.size(); ++j) sum[j] += score[j];
      }
      const std::vector<Chunk> chunks = method.best_first(sum);
      const auto whole =
          std::max<std::int64_t>(1, static_cast<std::int64_t>(chunks.size()) * budget / entries);
      Indices kept = inner_.protected_entries(layer.head(0));
      for (std::size_t i = 0; i < chunks.size(); ++i) {
        const Indices chunk = without(indices_of(chunks[i].range), kept);
        const std::int64_t places = method.as_kvpress
                                        ? (static_cast<std::int64_t>(i) < whole ? length : 0)
                                        : budget - static_cast<std::int64_t>(kept.size());
        if (places <= 0) break;
        kept = merged(kept, highest(sum.data(), chunk, places));
      }
      return std::vector<at::Tensor>(static_cast<std::size_t>(layer.kv_heads()), to_tensor(kept));
    }

    // Chunks compete, not entries.
    std::vector<at::Tensor> ranked_by() const override { return {}; }
  };
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::ChunkKv, "chunkkv", "1.0.0")
