// When the entries of one KV head left its cache, and with which score: everything there is to know
// about what a method did to the head.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "protocol/protocol.h"

namespace pressroom {

constexpr std::int32_t kNeverLeaves = std::numeric_limits<std::int32_t>::max();

struct EvictionLog {
  // [N], entry j of token j: the last token whose query saw the entry, kNeverLeaves for those that
  // are held at the end.
  std::vector<std::int32_t> evicted_after;
  // [N]: the score by which the entry was ranked when it left; NaN where keep() decided by none, or
  // where it never left.
  std::vector<float> score;

  explicit EvictionLog(std::int64_t tokens = 0);

  void leaves(std::int64_t position, std::int64_t last_query, float its_score);

  // The same for a document of `tokens` tokens that begins alike.
  void resize(std::int64_t tokens);

  // That both take, all of them from the start: 8 for each token.
  std::int64_t bytes() const;

  // Positions held at the end, ascending.
  std::vector<std::int64_t> kept() const;

  // Entries held after each step of `schedule`, its eviction included.
  std::vector<std::int64_t> sizes(const Schedule& schedule) const;

  // Entries whose memory is taken after each step where it is freed by the page of `page_tokens`
  // consecutive tokens: once all of a page's tokens have been fed and their entries have left.
  std::vector<std::int64_t> sizes_in_pages(const Schedule& schedule,
                                           std::int64_t page_tokens) const;
};

}  // namespace pressroom
