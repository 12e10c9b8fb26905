#include "tokenizer/components/token_trie.h"

namespace pressroom {

std::int32_t TokenTrie::child(std::int32_t node, unsigned char byte) const {
  for (const auto& [label, next] : nodes_[node].next) {
    if (label == byte) return next;
  }
  return kNone;
}

void TokenTrie::add(std::string_view key, std::int32_t value) {
  std::int32_t node = kNone;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const auto byte = static_cast<unsigned char>(key[i]);
    std::int32_t next = i == 0 ? first_[byte] : child(node, byte);
    if (next == kNone) {
      next = static_cast<std::int32_t>(nodes_.size());
      nodes_.emplace_back();
      if (i == 0) {
        first_[byte] = next;
      } else {
        nodes_[node].next.emplace_back(byte, next);
      }
    }
    node = next;
  }
  if (nodes_[node].value == kNone) nodes_[node].value = value;
}

TokenTrie::Match TokenTrie::longest(std::string_view text) const {
  Match best{kNone, 0};
  std::int32_t node = first_[static_cast<unsigned char>(text[0])];
  for (std::size_t i = 1; node != kNone; ++i) {
    if (nodes_[node].value != kNone) best = {nodes_[node].value, i};
    if (i == text.size()) break;
    node = child(node, static_cast<unsigned char>(text[i]));
  }
  return best;
}

}  // namespace pressroom
