// Learns a byte-level BPE vocabulary, as GPT-2 has one, and writes it as tokenizer.json.
//
//   PretokenCounts counts;
//   counts.add(text, 1);
//   BpeVocabulary bpe = train_bpe(counts, 2048);
//   write_tokenizer_json(bpe, "models/starter/tokenizer.json");
//
// Text is split by the GPT-2 pattern into pretokens (a word with the blank before it, a number, a
// run of signs, blanks); the most frequent pair of neighbouring symbols inside pretokens is merged,
// again and again. Of equally frequent pairs the one with the smaller ids wins, so that the result
// depends on the text alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pressroom {

// The pretokens of `text`: views into it, in order, that cover it without gap or overlap. Throws
// Error when `text` is not valid UTF-8.
//
//   split_pretokens("It's 5 o'clock")     // It|'s| 5| o|'|clock
std::vector<std::string_view> split_pretokens(std::string_view text);

// How often each pretoken occurs, in a fixed order.
class PretokenCounts {
 public:
  // Splits `text` and counts each of its pretokens `weight` times. Throws Error when `text` is not
  // valid UTF-8.
  void add(std::string_view text, std::int64_t weight);

  // Counts one pretoken that needs no splitting.
  void add_pretoken(std::string_view pretoken, std::int64_t weight);

  const std::map<std::string, std::int64_t>& counts() const { return counts_; }

 private:
  std::map<std::string, std::int64_t> counts_;
};

// Ids 0..255 are the single bytes in the order of their printable stand-ins, as Hugging Face's
// trainer numbers them; the following ids are the results of merges, in the order they came up.
struct BpeVocabulary {
  std::vector<std::string> tokens;                            // raw bytes, one string an id
  std::vector<std::pair<std::int64_t, std::int64_t>> merges;  // ids of the left and right part
};

// A vocabulary of at most `vocabulary_size` (>= 256) tokens; fewer when nothing occurs in pairs.
BpeVocabulary train_bpe(const PretokenCounts& counts, std::int64_t vocabulary_size);

// Writes a Hugging Face tokenizer.json (ByteLevel pre-tokenizer and decoder, no special tokens),
// whole or not at all. Throws Error when the file cannot be written.
void write_tokenizer_json(const BpeVocabulary& bpe, const std::filesystem::path& file);

}  // namespace pressroom
