#include "tokenizer/bpe/character_bpe.h"

#include "base/utf8.h"
#include "pressroom/error.h"
#include "tokenizer/components/component.h"

namespace pressroom {
namespace {

constexpr char32_t kBasicPlane = 0x10000;

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

CharacterBpe::CharacterBpe(const BpeDefinition& vocabulary)
    : where_(vocabulary.where),
      id_of_character_(kBasicPlane, kNoId),
      unknown_(vocabulary.unknown),
      fuse_unknown_(vocabulary.fuse_unknown),
      joints_(vocabulary),
      merges_(vocabulary.merges) {
  id_of_byte_.fill(kNoId);
  for (const auto& [token, id] : vocabulary.ids) {
    const auto byte = byte_of_fallback_token(token);
    if (byte && vocabulary.byte_fallback) id_of_byte_[*byte] = id;
    if (token.empty() || character_length(token) != token.size()) continue;
    const char32_t code = code_point(token);
    if (code < kBasicPlane) {
      id_of_character_[code] = id;
    } else {
      id_of_other_[code] = id;
    }
  }
  if (vocabulary.ignore_merges) whole_words_ = vocabulary.ids;
}

CharacterBpe::Character CharacterBpe::next(std::string_view text) const {
  const std::size_t length = character_length(text);
  if (length == 0) return {1, 0, kNoId};
  const char32_t code = code_point(text.substr(0, length));
  if (code < kBasicPlane) return {length, code, id_of_character_[code]};
  const auto found = id_of_other_.find(code);
  return {length, code, found == id_of_other_.end() ? kNoId : found->second};
}

bool CharacterBpe::can_cut(const Character& left, const Character& right) const {
  // Not beside a character that is no token: it begins as other symbols than the joints speak of,
  // and spell() may hold its unknown token back past the cut.
  return left.id != kNoId && right.id != kNoId && !joints_.joined(left.code, right.code);
}

void CharacterBpe::encode(std::string_view word, Work& work, std::vector<std::int64_t>& ids) const {
  if (!whole_words_.empty()) {
    const auto whole = whole_words_.find(std::string(word));
    if (whole != whole_words_.end()) return ids.push_back(whole->second);
  }
  Character left = next(word);
  std::size_t begin = 0;
  for (std::size_t at = left.length; at < word.size();) {
    const Character right = next(word.substr(at));
    if (can_cut(left, right)) {
      encode_part(word.substr(begin, at - begin), work, ids);
      begin = at;
    }
    at += right.length;
    left = right;
  }
  encode_part(word.substr(begin), work, ids);
}

void CharacterBpe::encode_part(std::string_view part, Work& work,
                               std::vector<std::int64_t>& ids) const {
  WordCache::Entry* entry = work.cache.find(part);
  if (entry != nullptr && entry->word == part) {
    ids.insert(ids.end(), entry->ids.begin(), entry->ids.end());
    return;
  }
  spell(part, work.symbols);
  merges_.apply(work.symbols, work.merging);
  ids.insert(ids.end(), work.symbols.begin(), work.symbols.end());
  if (entry == nullptr) return;
  entry->word.assign(part);
  entry->ids.assign(work.symbols.begin(), work.symbols.end());
}

// The reference holds an unknown token back until the next character that is a token, and so it
// comes after the bytes of those in between. That is kept: ids are to be the same.
void CharacterBpe::spell(std::string_view part, std::vector<std::int32_t>& symbols) const {
  symbols.clear();
  bool held = false;
  for (std::size_t at = 0; at < part.size();) {
    const Character character = next(part.substr(at));
    const std::string_view text = part.substr(at, character.length);
    at += character.length;
    if (character.id != kNoId) {
      if (held) symbols.push_back(*unknown_);
      symbols.push_back(character.id);
      held = false;
    } else if (!spell_bytes(text, symbols)) {
      refuse_without_unknown(text);
      if (held && !fuse_unknown_) symbols.push_back(*unknown_);
      held = true;
    }
  }
  if (held) symbols.push_back(*unknown_);
}

void CharacterBpe::refuse_without_unknown(std::string_view character) const {
  if (unknown_) return;
  throw Error({"the text has a character that the vocabulary cannot spell", where_,
               "a token for it, tokens for its bytes, or an unk_token",
               "none for " + json_quoted(std::string(character)), "use another tokenizer or text"});
}

bool CharacterBpe::spell_bytes(std::string_view character,
                               std::vector<std::int32_t>& symbols) const {
  const std::size_t before = symbols.size();
  for (const char c : character) {
    const std::int32_t id = id_of_byte_[static_cast<unsigned char>(c)];
    // All or none: a character with a byte that has no token is unknown as a whole.
    if (id == kNoId) {
      symbols.resize(before);
      return false;
    }
    symbols.push_back(id);
  }
  return true;
}

}  // namespace pressroom
