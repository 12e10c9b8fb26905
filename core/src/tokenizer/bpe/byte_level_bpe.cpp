#include "tokenizer/bpe/byte_level_bpe.h"

#include "pressroom/error.h"
#include "tokenizer/components/component.h"

namespace pressroom {
namespace {

constexpr int kFirstStandIn = 0x100;
constexpr int kCodePoints = kFirstStandIn + 68;

bool stands_for_itself(int byte) {
  // GPT-2's alphabet: Latin-1 without controls, the two spaces and the soft hyphen, for which code
  // points from U+0100 on stand in.
  return (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

struct Alphabet {
  std::array<int, 256> code_of_byte;
  std::array<int, kCodePoints> byte_of_code;

  Alphabet() {
    byte_of_code.fill(-1);
    int stand_in = kFirstStandIn;
    for (int byte = 0; byte < 256; ++byte) {
      const int code = stands_for_itself(byte) ? byte : stand_in++;
      code_of_byte[byte] = code;
      byte_of_code[code] = byte;
    }
  }
};

const Alphabet& alphabet() {
  static const Alphabet kAlphabet;
  return kAlphabet;
}

}  // namespace

std::string spelling_of_byte(unsigned char byte) {
  const int code = alphabet().code_of_byte[byte];
  if (code < 0x80) return std::string(1, static_cast<char>(code));
  return {static_cast<char>(0xC0 | (code >> 6)), static_cast<char>(0x80 | (code & 0x3F))};
}

std::optional<std::string> bytes_spelled_by(std::string_view token) {
  std::string bytes;
  for (std::size_t i = 0; i < token.size(); ++i) {
    int code = static_cast<unsigned char>(token[i]);
    if (code >= 0x80) {
      // The alphabet ends at U+0143: one or two bytes of UTF-8 a character.
      if (code < 0xC2 || code > 0xC5 || i + 1 == token.size()) return std::nullopt;
      const int second = static_cast<unsigned char>(token[++i]);
      if ((second & 0xC0) != 0x80) return std::nullopt;
      code = ((code & 0x1F) << 6) | (second & 0x3F);
    }
    if (code >= kCodePoints || alphabet().byte_of_code[code] < 0) return std::nullopt;
    bytes += static_cast<char>(alphabet().byte_of_code[code]);
  }
  return bytes;
}

ByteLevelBpe::ByteLevelBpe(const BpeDefinition& vocabulary)
    : where_(vocabulary.where),
      unknown_(vocabulary.unknown),
      fuse_unknown_(vocabulary.fuse_unknown),
      merges_(vocabulary.merges) {
  bool complete = true;
  for (int byte = 0; byte < 256; ++byte) {
    const auto found = vocabulary.ids.find(spelling_of_byte(static_cast<unsigned char>(byte)));
    id_of_byte_[byte] = found == vocabulary.ids.end() ? kNoId : found->second;
    complete = complete && id_of_byte_[byte] != kNoId;
  }
  if (vocabulary.byte_fallback && !complete) {
    throw Error({"byte_fallback in a byte-level vocabulary", where_,
                 "false, or a token for each of the 256 bytes", "true, and bytes without a token",
                 "use a model whose tokenizer.json has one or the other"});
  }
  if (!vocabulary.ignore_merges) return;
  for (const auto& [token, id] : vocabulary.ids) {
    if (const auto bytes = bytes_spelled_by(token)) whole_words_.emplace(*bytes, id);
  }
}

void ByteLevelBpe::encode(std::string_view word, Work& work, std::vector<std::int64_t>& ids) const {
  WordCache::Entry* entry = work.cache.find(word);
  if (entry != nullptr && entry->word == word) {
    ids.insert(ids.end(), entry->ids.begin(), entry->ids.end());
    return;
  }
  const auto whole =
      whole_words_.empty() ? whole_words_.end() : whole_words_.find(std::string(word));
  if (whole != whole_words_.end()) {
    work.symbols.assign(1, whole->second);
  } else {
    spell(word, work.symbols);
    merges_.apply(work.symbols, work.merging);
  }
  ids.insert(ids.end(), work.symbols.begin(), work.symbols.end());
  if (entry == nullptr) return;
  entry->word.assign(word);
  entry->ids.assign(work.symbols.begin(), work.symbols.end());
}

void ByteLevelBpe::spell(std::string_view word, std::vector<std::int32_t>& symbols) const {
  symbols.clear();
  bool after_unknown = false;
  for (const char c : word) {
    const int byte = static_cast<unsigned char>(c);
    const std::int32_t id = id_of_byte_[byte];
    if (id == kNoId && !unknown_) {
      throw Error({"the text has a byte that the vocabulary cannot spell", where_,
                   "a token for each of the 256 bytes, or an unk_token",
                   "no token for byte " + std::to_string(byte),
                   "make the text valid UTF-8, or use another tokenizer"});
    }
    const bool fused = id == kNoId && after_unknown && fuse_unknown_;
    if (!fused) symbols.push_back(id == kNoId ? *unknown_ : id);
    after_unknown = id == kNoId;
  }
}

}  // namespace pressroom
