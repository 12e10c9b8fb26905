#include "tokenizer/bpe/merge_joints.h"

#include <string_view>

#include "base/utf8.h"

namespace pressroom {
namespace {

char32_t first_character(std::string_view token) {
  const std::size_t length = character_length(token);
  return length == 0 ? static_cast<unsigned char>(token[0]) : code_point(token.substr(0, length));
}

char32_t last_character(std::string_view token) {
  std::size_t begin = token.size() - 1;
  while (begin > 0 && (static_cast<unsigned char>(token[begin]) & 0xC0) == 0x80) --begin;
  return first_character(token.substr(begin));
}

}  // namespace

MergeJoints::MergeJoints(const BpeDefinition& vocabulary) {
  std::size_t size = 2;
  while (size < 2 * vocabulary.merges.size()) size *= 2;
  slots_.assign(size, kEmpty);
  const auto tokens = vocabulary.tokens();
  for (const BpeMerge& merge : vocabulary.merges) {
    const std::string& left_token = *tokens[merge.left];
    const std::string& right_token = *tokens[merge.right];
    if (left_token.empty() || right_token.empty()) continue;
    const char32_t left = last_character(left_token);
    const char32_t right = first_character(right_token);
    if (left < kAscii && right < kAscii) ascii_[left][right] = true;
    slots_[slot_of(pair_of(left, right))] = pair_of(left, right);
  }
}

std::size_t MergeJoints::slot_of(std::uint64_t pair) const {
  const std::uint64_t mixed = pair * 0x9E3779B97F4A7C15;  // Fibonacci hashing: 2^64 / golden ratio
  std::size_t slot = (mixed ^ (mixed >> 32)) & (slots_.size() - 1);
  while (slots_[slot] != kEmpty && slots_[slot] != pair) slot = (slot + 1) & (slots_.size() - 1);
  return slot;
}

}  // namespace pressroom
