#include "pressroom/plugin.h"

namespace pressroom {

// Ranks by the attention an entry has had per query since its birth.
struct ObservedAttention final : SignalMethod<ObservedAttention> {
  std::int64_t n_sink = 0;
  TokensOrFraction recent;

  static Declaration<ObservedAttention> declare() {
    return Declaration<ObservedAttention>("keeps the entries with the highest mean attention")
        .sinks(&ObservedAttention::n_sink, 0)
        .recents(&ObservedAttention::recent, 0)
        .signal(Signal::kMeanAttention);
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::ObservedAttention, "observed_attention", "1.0.0")
