// The model of a tokenizer: words to ids. Byte-level and character BPE differ in the first symbols.
//
//   BpeModel::Work work(text.size());
//   model->encode(" the", work, ids);     // appends 262 for GPT-2
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "tokenizer/bpe/bpe_merges.h"
#include "tokenizer/bpe/word_cache.h"

namespace pressroom {

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
