#include <algorithm>

#include "pressroom/plugin.h"
#include "pressroom/subset_view.h"
#include "pressroom/wrapper.h"

namespace pressroom {

// Each chunk of consecutive entries is scored as if it were all and gives up the same fraction.
class ChunkPolicy final : public WrapperPolicy {
 public:
  ChunkPolicy(const Method& inner, const PolicyContext& context, std::int64_t chunk_length)
      : WrapperPolicy(inner, context), budget_(context.budget_tokens), length_(chunk_length) {}

  std::vector<at::Tensor> keep_layer(const LayerView& layer) override {
    const std::int64_t entries = layer.head(0).size();  // as many in each head
    if (entries <= std::max(budget_, length_)) return to_tensors(inner_.keep(layer, budget_));
    std::vector<Choice> choices(static_cast<std::size_t>(layer.kv_heads()));
    std::int64_t places = 0;
    for (std::int64_t begin = 0; begin < entries; begin += length_) {
      const IndexRange chunk = {begin, std::min(begin + length_, entries)};
      const std::int64_t quota = std::max<std::int64_t>(1, chunk.size() * budget_ / entries);
      choose(layer, chunk, quota, choices);
      places += quota;
    }
    places = std::min(places, budget_);
    std::vector<Indices> kept;
    for (std::size_t h = 0; h < choices.size(); ++h) {
      const Indices safe = inner_.protected_entries(layer.head(static_cast<std::int64_t>(h)));
      kept.push_back(merged(safe, highest(choices[h].scores.data(), without(choices[h].kept, safe),
                                          places - static_cast<std::int64_t>(safe.size()))));
    }
    return to_tensors(kept);
  }

 private:
  struct Choice {
    Indices kept;
    std::vector<float> scores;
  };

  void choose(const LayerView& layer, IndexRange chunk, std::int64_t quota,
              std::vector<Choice>& choices) {
    const SubsetLayer part(layer,
                           std::vector<at::Tensor>(choices.size(), to_tensor(indices_of(chunk))));
    const std::vector<at::Tensor> scores = inner_.scores(part);
    for (std::size_t h = 0; h < choices.size(); ++h) {
      const HeadView& head = part.head(static_cast<std::int64_t>(h));
      for (const std::int64_t j : inner_.keep(head, scores[h], quota)) {
        choices[h].kept.push_back(chunk.begin + j);
      }
      const float* first = scores[h].data_ptr<float>();
      choices[h].scores.insert(choices[h].scores.end(), first, first + chunk.size());
    }
  }

  std::int64_t budget_;
  std::int64_t length_;
};

class Chunk final : public Wrapper {
 public:
  PluginInfo describe() const override {
    return {"lets the inner method act on each chunk of the cache by itself",
            "after Finch: Corallo, Papotti, FINCH: Prompt-guided Key-Value Cache Compression, "
            "TACL 2024, arXiv 2408.00167",
            {inner_method().help("the method that scores"),
             integer("chunk_length", 1024).at_least(1).help("entries of a chunk")}};
  }

  void configure(const Parameters& parameters) override {
    Wrapper::configure(parameters);
    chunk_length_ = parameters.integer("chunk_length");
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = plan_around_scores(budget_tokens, Ranking::kKeep);
    if (plan.couples_layers) {
      refuse_inner("a chunk of one layer is nothing to a method that couples layers",
                   "a method that looks at one layer");
    }
    plan.couples_heads = true;
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    return std::make_unique<ChunkPolicy>(inner(), context, chunk_length_);
  }

 private:
  std::int64_t chunk_length_ = 0;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Chunk, "chunk", "1.0.0")
