// I13: what a server's constraints say of a finished run.

#include <algorithm>
#include <string>

#include "engine/cache/violations.h"
#include "engine/invariants.h"

namespace pressroom {
namespace {

std::string server_place(const std::string& document, std::size_t layer, std::size_t head) {
  return document + ", layer " + std::to_string(layer) + ", kv head " + std::to_string(head);
}

std::string departure(std::int32_t last_query) {
  return last_query == kNeverLeaves ? "held" : "left after token " + std::to_string(last_query);
}

void check_whole_pages(const EvictionLog& head, std::int64_t page_tokens,
                       const std::string& where) {
  const auto tokens = static_cast<std::int64_t>(head.evicted_after.size());
  for (std::int64_t j = 0; j < tokens; ++j) {
    const std::int32_t of_page = head.evicted_after[j / page_tokens * page_tokens];
    if (head.evicted_after[j] == of_page) continue;
    violated("I13 pages leave whole", where + ", position " + std::to_string(j),
             departure(of_page) + ", as the first entry of its page",
             departure(head.evicted_after[j]));
  }
}

void check_prompt(const EvictionLog& head, std::int64_t tokens, const std::string& where) {
  const auto end = head.evicted_after.begin() + tokens;
  const auto left = std::find_if(head.evicted_after.begin(), end,
                                 [](std::int32_t last) { return last != kNeverLeaves; });
  if (left == end) return;
  violated("I13 the prompt is kept",
           where + ", position " + std::to_string(left - head.evicted_after.begin()), "held",
           departure(*left));
}

}  // namespace

void check_leaving_together(const std::vector<std::vector<EvictionLog>>& evictions,
                            const Protocol& protocol, const std::string& document) {
  const ServerConstraints& server = protocol.server;
  for (std::size_t layer = 0; layer < evictions.size(); ++layer) {
    const std::vector<EvictionLog>& heads = evictions[layer];
    for (std::size_t head = 0; head < heads.size(); ++head) {
      const std::string where = server_place(document, layer, head);
      check_whole_pages(heads[head], server.evict_in_blocks, where);
      if (server.keep_prompt) check_prompt(heads[head], protocol.prefill_tokens, where);
      if (!server.heads_together || heads[head].evicted_after == heads[0].evicted_after) continue;
      violated("I13 heads hold the same entries", where, "entries that leave as those of head 0",
               "others");
    }
  }
}

}  // namespace pressroom
