// Rotary position embedding (Su et al. 2021, arXiv 2104.09864), half-split convention: channel i is
// paired with channel i + r/2 and turned by the angle position * frequency[i], for the first r
// channels of a head; the others stay as they are.
//
//   const std::vector<float> frequencies = rope_frequencies(config, head_dim, RopeDefaults());
//   const RotaryTable table(head_dim, frequencies, /*positions=*/4096);
//   table.rotate(key, position, rotated);
#pragma once

#include <cstdint>
#include <vector>

namespace pressroom {

class ConfigFile;

// What a family takes where its config is silent.
struct RopeDefaults {
  double theta = 10000;
  double partial_factor = 1;  // fraction of a head's channels that is rotated
};

// The frequencies that a config.json asks for: the angle per position of each pair of rotated
// channels, [r/2] for r = head_dim * partial factor: theta^(-2i/r), in float32 as the reference
// library computes it, changed by the scaling asked for:
//
//   default   unchanged
//   linear    divided by `factor` (Chen et al. 2023, arXiv 2306.15595)
//   llama3    divided by `factor` where the wavelength exceeds the original context over
//             low_freq_factor, unchanged where it is below that over high_freq_factor, and a blend
//             of both in between (Llama 3.1)
//
// Both spellings are read: rope_theta (rotary_emb_base), rotary_pct and rope_scaling at the top
// level, and all of them in `rope_parameters`. `rope_frequency_factors`, from GGUF files, divides
// each frequency by its own factor. Throws Error for another kind of scaling.
std::vector<float> rope_frequencies(const ConfigFile& config, std::int64_t head_dim,
                                    const RopeDefaults& defaults);

// Cosines and sines for positions 0 .. positions - 1, in float32 as the reference library computes
// them. Immutable; shared by all layers, heads and documents.
class RotaryTable {
 public:
  // `frequencies`: [r/2], angle per position of each pair.
  RotaryTable(std::int64_t head_dim, const std::vector<float>& frequencies, std::int64_t positions);

  // out[d] = in[d] rotated to `position`; `in` and `out` may be the same.
  void rotate(const float* in, std::int64_t position, float* out) const;

  // [positions, r/2] each, row by row.
  const std::vector<float>& cosines() const { return cosines_; }
  const std::vector<float>& sines() const { return sines_; }
  std::int64_t pairs() const { return half_; }

 private:
  std::int64_t head_dim_;
  std::int64_t half_;           // r/2
  std::vector<float> cosines_;  // [positions, r/2]
  std::vector<float> sines_;
};

}  // namespace pressroom
