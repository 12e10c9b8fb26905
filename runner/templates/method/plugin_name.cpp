#include <ATen/ATen.h>

#include "pressroom/plugin.h"

namespace pressroom {

// Score of an entry: |v|, the norm of its value. Attention adds values up, so an entry with a small
// one changes little, however much attention it gets.
struct PluginNamePress final : Scorer<PluginNamePress> {
  std::int64_t n_sink = 0;
  TokensOrFraction recent;

  static Declaration<PluginNamePress> declare() {
    return Declaration<PluginNamePress>("keeps the entries with the largest values")
        .paper("")  // author, venue, identifier
        .sinks(&PluginNamePress::n_sink, 4)
        .recents(&PluginNamePress::recent, 0.25);
  }

  at::Tensor score(const HeadView& head, const PolicyContext& /*context*/) const {
    return at::norm(head.values(), 2, -1);  // [T]
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::PluginNamePress, "plugin_name", "0.1.0")
