// The model of a tokenizer, words to ids, and what it is made from. Byte-level and character BPE
// (byte_level_bpe.h, character_bpe.h) differ in the first symbols of a word.
//
//   BpeDefinition gpt2 = BpeDefinition::from_json(file.at("model"), "gpt2.json: model");
//   ByteLevelBpe model(gpt2);
//   BpeModel::Work work(text.size());
//   model.encode(" the", work, ids);     // appends 262, which is gpt2.ids.at("Ġthe")
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tokenizer/bpe/bpe_merges.h"

namespace pressroom {

// What a BPE model is made of, whatever file it came from: tokens, merges and a few options. Tokens
// are spelled as in the file: in the byte alphabet (byte_level_bpe.h) for byte-level models, with
// "▁" for a space in SentencePiece's.
struct BpeDefinition {
  // Reads the component "model": vocab, merges (as "a b" or ["a", "b"]), unk_token, fuse_unk,
  // byte_fallback and ignore_merges; a merge that begins with "#version" is the head of a
  // merges.txt, and no merge. Throws Error, with `where` for its place, when it is not BPE,
  // when merges and vocab do not fit together, or for an option that is not understood.
  static BpeDefinition from_json(const nlohmann::json& component, const std::string& where);

  // The spelling of each id; nothing for a gap. Throws Error when two tokens have one id.
  std::vector<std::optional<std::string>> tokens() const;

  std::string where;  // for messages
  std::unordered_map<std::string, std::int32_t> ids;
  std::vector<BpeMerge> merges;
  std::optional<std::int32_t> unknown;  // stands for what the vocabulary cannot spell
  bool fuse_unknown = false;            // one unknown for a run of them
  bool byte_fallback = false;           // rather its bytes, as the tokens <0x00> to <0xFF>
  bool ignore_merges = false;           // a word that is a token is that token
};

// The byte that a token like "<0x0A>" stands for.
std::optional<unsigned char> byte_of_fallback_token(const std::string& token);

// A small cache from word to ids, because most words of a text are a few thousand that recur.
//
// Its size is fixed at the start: a new word takes the place of the one that hashes like it. It
// belongs to one call of encode, and so to one thread.
class WordCache {
 public:
  struct Entry {
    std::string word;
    std::vector<std::int32_t> ids;
  };

  // A cache fit for a text of `text_bytes` bytes; at most 16384 words of at most 32 bytes.
  explicit WordCache(std::size_t text_bytes) {
    std::size_t size = 16;
    while (size < kMostEntries && size * kBytesPerEntry < text_bytes) size *= 2;
    entries_.resize(size);
  }

  // The entry where `word` is or would be: the caller compares, and fills it in when it differs.
  // Null for a word that is too long to be kept, or empty.
  Entry* find(std::string_view word) {
    if (word.empty() || word.size() > kLongestWord) return nullptr;
    return &entries_[std::hash<std::string_view>()(word) & (entries_.size() - 1)];
  }

 private:
  static constexpr std::size_t kMostEntries = 16384;
  static constexpr std::size_t kBytesPerEntry = 16;
  static constexpr std::size_t kLongestWord = 32;

  std::vector<Entry> entries_;
};

class BpeModel {
 public:
  // Working memory of encode: one for each thread and model, reused from word to word.
  struct Work {
    explicit Work(std::size_t text_bytes) : cache(text_bytes) {}

    WordCache cache;
    std::vector<std::int32_t> symbols;
    BpeMerges::Work merging;
  };

  virtual ~BpeModel() = default;

  // Appends the ids of `word`, any bytes but not empty, to `ids`. Throws Error for a part of it
  // that the vocabulary cannot spell, where no unknown token is there to stand for it.
  virtual void encode(std::string_view word, Work& work, std::vector<std::int64_t>& ids) const = 0;
};

}  // namespace pressroom
