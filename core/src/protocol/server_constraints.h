// What a server with a paged cache cannot do, as constraints that runs are put under, so that a
// table can say what a method loses there. None holds unless it is set.
//
//   evict_in_blocks   entries leave in pages of so many consecutive tokens, whole: a page goes by
//                     the mean of its entries' scores. A page with a protected entry stays, and so
//                     does the newest one while it fills up. The budget is cut to whole pages.
//   heads             `together`: the KV heads of a layer hold the same entries. An entry goes by
//                     the mean of what it scores in each of them.
//   append_only       what is held is neither moved nor rewritten, and memory is freed by the page:
//                     that of an entry is held until all entries of its page have left
//   keep_prompt       the entries of a prompt never leave, as others share them; what is fed behind
//                     it is evicted from
//
// What exactly is meant is in docs/protocol.md. Constraints of a protocol hold for all methods; a
// method may be run under others (ConstraintChoice).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pressroom {

// Tokens of a page where memory is freed by the page and `evict_in_blocks` does not say.
constexpr std::int64_t kUsualPageTokens = 16;

struct ServerConstraints {
  std::int64_t evict_in_blocks = 1;  // tokens of a page; 1: entries leave one by one
  bool heads_together = false;
  bool append_only = false;
  bool keep_prompt = false;

  // Whether other entries may leave than the method alone would let.
  bool changes_what_leaves() const { return evict_in_blocks > 1 || heads_together || keep_prompt; }
  bool any() const { return changes_what_leaves() || append_only; }

  // Tokens of a page of memory.
  std::int64_t page_tokens() const {
    return evict_in_blocks > 1 ? evict_in_blocks : kUsualPageTokens;
  }

  // `budget_tokens` in whole pages; as it is where it holds all `tokens` of a document, and where
  // it does not hold a page, which is refused.
  std::int64_t in_whole_pages(std::int64_t budget_tokens, std::int64_t tokens) const {
    if (budget_tokens >= tokens || budget_tokens < evict_in_blocks) return budget_tokens;
    return budget_tokens / evict_in_blocks * evict_in_blocks;
  }

  // Those that hold, by name: {{"evict_in_blocks", "16"}, {"heads", "together"}}.
  std::vector<std::pair<std::string, std::string>> settings() const;
};

// What is said of one method: what is not said is as the protocol has it.
struct ConstraintChoice {
  std::optional<std::int64_t> evict_in_blocks;
  std::optional<bool> heads_together;
  std::optional<bool> append_only;
  std::optional<bool> keep_prompt;

  bool any() const { return evict_in_blocks || heads_together || append_only || keep_prompt; }

  // `of_protocol`, but for what is said here.
  ServerConstraints over(const ServerConstraints& of_protocol) const;

  // What is said, by name: {{"heads", "apart"}}.
  std::vector<std::pair<std::string, std::string>> settings() const;

  // As inline YAML: "{evict_in_blocks: 16, append_only: true}". "" where nothing is said.
  std::string text() const;

  // What stands behind a method's name where it has no other label: "_blocks16_together".
  std::string label_suffix() const;
};

}  // namespace pressroom
