// How fast this machine's memory can be read: what a decoded token is measured against, which reads
// all weights and all that is cached once.
//
//   const std::optional<double> most = measured_read_bandwidth(threads);   // 2.6e10
//   if (most) std::cout << bytes_per_token * tokens_per_second / *most;    // 0.84
#pragma once

#include <cstdint>
#include <optional>

namespace pressroom {

// Bytes a second that `threads` threads together read from memory: the best of passes over more of
// it than the caches hold, for about a fifth of a second. Each reads four runs of addresses side by
// side and in order, as products read rows of a weight; one run alone is slower. What else the
// machine does at that time is not seen, so measure close to what is compared with it. Nothing
// where there is no memory for it (256 MiB, or four times the last cache where that is more).
//
//   measured_read_bandwidth(0)   // all cores
std::optional<double> measured_read_bandwidth(std::int64_t threads);

}  // namespace pressroom
