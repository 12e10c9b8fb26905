// The rotary frequencies that a config.json asks for.
#pragma once

#include <cstdint>
#include <vector>

#include "model/config_file.h"

namespace pressroom {

// What a family takes where its config is silent.
struct RopeDefaults {
  double theta = 10000;
  double partial_factor = 1;  // fraction of a head's channels that is rotated
};

// Angle per position of each pair of rotated channels, [r/2] for r = head_dim * partial factor:
// theta^(-2i/r), in float32 as the reference library computes it, changed by the scaling asked for:
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

}  // namespace pressroom
