// The model of a byte-level tokenizer: a word, as plain bytes, to ids.
//
//   ByteLevelBpe model = ByteLevelBpe::from_json(file.at("model"), "gpt2.json: model");
//   model.encode(" the", work, ids);     // appends 262
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tokenizer/bpe_merges.h"
#include "tokenizer/word_cache.h"

namespace pressroom {

class ByteLevelBpe {
 public:
  // Working memory of encode: one for each thread and model, reused from word to word.
  struct Work {
    explicit Work(std::size_t text_bytes) : cache(text_bytes) {}

    WordCache cache;
    std::vector<std::int32_t> symbols;
    BpeMerges::Work merging;
  };

  // Reads the component "model": vocab, merges (as "a b" or ["a", "b"]), unk_token, fuse_unk and
  // ignore_merges. Throws Error, with `where` for its place, when it is not byte-level BPE, when
  // merges and vocab do not fit together, or for an option that is not understood.
  static ByteLevelBpe from_json(const nlohmann::json& component, const std::string& where);

  // Appends the ids of `word` to `ids`. Throws Error for a byte that the vocabulary does not have,
  // where the file names no unk_token.
  void encode(std::string_view word, Work& work, std::vector<std::int64_t>& ids) const;

  // The bytes of each id; nothing for a gap in the vocabulary. A token that is not spelled in the
  // byte alphabet stands for its own UTF-8.
  const std::vector<std::optional<std::string>>& tokens() const { return tokens_; }

 private:
  using Ids = std::unordered_map<std::string, std::int32_t>;

  ByteLevelBpe(const nlohmann::json& component, const std::string& where, const Ids& ids);

  void read_tokens(const Ids& ids, const std::string& where);
  void read_unknown(const nlohmann::json& component, const Ids& ids, const std::string& where);
  void spell(std::string_view word, std::vector<std::int32_t>& symbols) const;

  std::string where_;
  std::vector<std::optional<std::string>> tokens_;
  std::array<std::int32_t, 256> id_of_byte_;  // kNone where the vocabulary lacks the byte
  std::int32_t unknown_;                      // kNone without unk_token
  bool fuse_unknown_;
  Ids whole_words_;  // by their bytes; empty unless ignore_merges
  BpeMerges merges_;
};

}  // namespace pressroom
