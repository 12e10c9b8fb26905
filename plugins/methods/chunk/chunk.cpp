#include <algorithm>

#include "pressroom/plugin.h"
#include "pressroom/subset_view.h"
#include "pressroom/wrapper.h"

namespace pressroom {

// Each chunk of consecutive entries is scored as if it were all and gives up the same fraction.
struct Chunk final : WrapperOf<Chunk> {
  std::int64_t chunk_length = 0;

  static Declaration<Chunk> declare() {
    return Declaration<Chunk>("lets the inner method act on each chunk of the cache by itself")
        .paper(
            "after Finch: Corallo, Papotti, FINCH: Prompt-guided Key-Value Cache Compression, "
            "TACL 2024, arXiv 2408.00167")
        .inner("the method that scores")
        .refuses_coupled_layers("a chunk of one layer is nothing to a method that couples layers")
        .parameter(&Chunk::chunk_length,
                   integer("chunk_length", 1024, "entries of a chunk").at_least(1));
  }

  std::vector<Indices> keep_layer(const LayerView& layer, InnerPolicy& inner,
                                  const PolicyContext& context) const {
    const std::int64_t budget = context.budget_tokens;
    const std::int64_t entries = entries_per_head(layer);
    if (entries <= std::max(budget, chunk_length)) return inner.keep(layer, budget);
    std::vector<Choice> choices(static_cast<std::size_t>(layer.kv_heads()));
    std::int64_t places = 0;
    for (std::int64_t begin = 0; begin < entries; begin += chunk_length) {
      const IndexRange chunk = {begin, std::min(begin + chunk_length, entries)};
      const std::int64_t quota = std::max<std::int64_t>(1, chunk.size() * budget / entries);
      choose(layer, inner, chunk, quota, choices);
      places += quota;
    }
    places = std::min(places, budget);
    std::vector<Indices> kept;
    for (std::size_t h = 0; h < choices.size(); ++h) {
      const Indices safe = inner.protected_entries(layer.head(static_cast<std::int64_t>(h)));
      kept.push_back(merged(safe, highest(choices[h].scores.data(), without(choices[h].kept, safe),
                                          places - static_cast<std::int64_t>(safe.size()))));
    }
    return kept;
  }

  // What the chunks so far leave of a head, and the scores they were given by.
  struct Choice {
    Indices kept;
    std::vector<float> scores;
  };

  // Adds what `chunk` leaves in each head: its `quota` highest.
  static void choose(const LayerView& layer, InnerPolicy& inner, IndexRange chunk,
                     std::int64_t quota, std::vector<Choice>& choices) {
    const SubsetLayer part(layer,
                           std::vector<at::Tensor>(choices.size(), to_tensor(indices_of(chunk))));
    const std::vector<at::Tensor> scores = inner.scores(part);
    for (std::size_t h = 0; h < choices.size(); ++h) {
      const HeadView& head = part.head(static_cast<std::int64_t>(h));
      for (const std::int64_t j : inner.keep(head, scores[h], quota)) {
        choices[h].kept.push_back(chunk.begin + j);
      }
      const float* first = scores[h].data_ptr<float>();
      choices[h].scores.insert(choices[h].scores.end(), first, first + chunk.size());
    }
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Chunk, "chunk", "1.0.0")
