// What a BPE model is made of, whatever file it came from: tokens, merges and a few options.
//
//   BpeDefinition v = BpeDefinition::from_json(file.at("model"), "gpt2.json: model");
//   v.ids.at("Ġthe");                             // 262
//
// Tokens are spelled as in the file: in the byte alphabet (byte_alphabet.h) for byte-level models,
// with "▁" for a space in SentencePiece's.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "tokenizer/bpe/bpe_merges.h"

namespace pressroom {

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

}  // namespace pressroom
