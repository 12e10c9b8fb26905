// Which arithmetic the engines' numbers come from. It is raised where the same model, text and
// method would give other last bits than before: results that are kept, and caches that are saved,
// name it, so that no campaign mixes numbers of two kinds and no sequence goes on in another way
// than it began.
#pragma once

namespace pressroom {

// 7: norms, activations and attention of a decoded token by kernels of our own, in chunks of
// entries.
// 8: under q8, scales below the normal numbers of float16 are rounded up.
inline constexpr int kArithmeticVersion = 8;

}  // namespace pressroom
