// KeyDiff (Park et al., arXiv:2504.15364): keys that point where all keys point are redundant.
// With u_i = k_i / |k_i| the anchor is a = mean(u_i), and an entry's score is -cos(k_i, a).
#include <ATen/ATen.h>
#include <pressroom/plugin.h>

using namespace pressroom;

struct KeyDiff final : Scorer<KeyDiff> {
  static Declaration<KeyDiff> declare() {
    return Declaration<KeyDiff>("keeps keys unlike the average key")
        .paper("Park et al. 2025, arXiv:2504.15364");
  }

  at::Tensor score(const HeadView& head, const PolicyContext&) const {
    const at::Tensor keys = head.keys();                                                 // [T,d]
    const at::Tensor units = keys / keys.norm(2, -1, /*keepdim=*/true).clamp_min(1e-8);  // [T,d]
    const at::Tensor anchor = units.mean(0);                                             // [d]
    return -units.mv(anchor) / anchor.norm().clamp_min(1e-8);                            // [T]
  }
};

PRESSROOM_METHOD(KeyDiff, "my_keydiff", "1.0.0")
