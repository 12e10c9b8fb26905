#include "stats/effect_size.h"

namespace pressroom {

EffectSize effect_size(const PairedTest& test) {
  EffectSize effect;
  if (!(test.sd > 0)) return effect;
  effect.cohen_dz = test.mean / test.sd;
  effect.hedges_gz = *effect.cohen_dz * (1 - 3 / (4 * test.df - 1));
  return effect;
}

}  // namespace pressroom
