#include "pressroom/plugin.h"

namespace pressroom {

// Ranks by the attention of the newest query alone; that query's own entry is safe.
struct Tova final : SignalMethod<Tova> {
  Share share = Share::kLayer;

  static Declaration<Tova> declare() {
    return Declaration<Tova>(
               "keeps what the newest query attends to, the same entries in all heads of a layer")
        .paper("Oren et al., Transformers are Multi-State RNNs, EMNLP 2024, arXiv 2401.06104")
        .recents(1)
        .share(&Tova::share, Share::kLayer)
        .signal(Signal::kLastQueryAttention);
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Tova, "tova", "1.0.0")
