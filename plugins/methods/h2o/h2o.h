// H2O: cumulative attention and a recent window. Two plugins are this method with other defaults.
#pragma once

#include <string>

#include "pressroom/declared_method.h"

namespace pressroom {

// Ranks by the attention an entry has collected from all queries since its birth, summed over the
// query heads of its KV head; the last `recent` entries are safe, the heavy part of the budget goes
// to the highest of the rest.
template <typename Self>
struct HeavyHitters : SignalMethod<Self> {
  std::int64_t n_sink = 0;
  TokensOrFraction recent;
  Share share = Share::kKvHead;

  // `usual_recent`: the default of `recent`, a fraction of the budget.
  static Declaration<Self> declaration_of(const std::string& summary, double usual_recent) {
    return Declaration<Self>(summary)
        .paper(
            "Zhang et al., H2O: Heavy-Hitter Oracle for Efficient Generative Inference of Large "
            "Language Models, NeurIPS 2023, arXiv 2306.14048")
        .sinks(&HeavyHitters::n_sink, 0)
        .recents(&HeavyHitters::recent, usual_recent)
        .share(&HeavyHitters::share)
        .signal(Signal::kCumulativeAttention);
  }
};

}  // namespace pressroom
