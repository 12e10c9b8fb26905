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
// where there is no memory for it, or no threads: whatever it stands beside is told without it.
//
//   measured_read_bandwidth(0)   // all cores
std::optional<double> measured_read_bandwidth(std::int64_t threads);

// How much of the memory is read: four times the last cache, of `cache_bytes` (0: not known), 256
// MiB at least and 4 GiB at most; and a quarter of what is `available` at most. 0 where that would
// be less than 256 MiB or less than twice the cache, and say nothing of the memory.
std::int64_t bandwidth_bytes(std::int64_t cache_bytes, std::optional<std::int64_t> available);

}  // namespace pressroom
