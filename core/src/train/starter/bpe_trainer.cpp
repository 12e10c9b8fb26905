#define PCRE2_CODE_UNIT_WIDTH 8
#include "train/starter/bpe_trainer.h"

#include <pcre2.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <queue>
#include <unordered_map>
#include <unordered_set>

#include "base/whole_file.h"
#include "pressroom/error.h"
#include "tokenizer/bpe/byte_level_bpe.h"

namespace pressroom {
namespace {

constexpr std::string_view kPattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

using Code = std::unique_ptr<pcre2_code, decltype(&pcre2_code_free)>;
using MatchData = std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)>;

Code compile() {
  int number = 0;
  PCRE2_SIZE offset = 0;
  Code code(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(kPattern.data()), kPattern.size(),
                          PCRE2_UTF | PCRE2_UCP, &number, &offset, nullptr),
            pcre2_code_free);
  PRESSROOM_ASSERT(code != nullptr);
  pcre2_jit_compile(code.get(), PCRE2_JIT_COMPLETE);
  return code;
}

}  // namespace

std::vector<std::string_view> split_pretokens(std::string_view text) {
  const Code code = compile();
  const MatchData match(pcre2_match_data_create(1, nullptr), pcre2_match_data_free);
  std::vector<std::string_view> pieces;
  std::size_t at = 0;
  while (at < text.size()) {
    // The first match checks all of the text; again at each one it would be quadratic.
    const std::uint32_t options = at == 0 ? 0 : PCRE2_NO_UTF_CHECK;
    const int found = pcre2_match(code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()),
                                  text.size(), at, options, match.get(), nullptr);
    if (found < 0) {
      throw Error({"the text is not valid UTF-8", "", "UTF-8",
                   "PCRE2 error " + std::to_string(found), "convert the text, e.g. with iconv"});
    }
    const PCRE2_SIZE* span = pcre2_get_ovector_pointer(match.get());
    PRESSROOM_ASSERT(span[0] == at && span[1] > at);
    pieces.push_back(text.substr(span[0], span[1] - span[0]));
    at = span[1];
  }
  return pieces;
}

namespace {

using Pair = std::pair<std::int64_t, std::int64_t>;

struct PairHash {
  std::size_t operator()(const Pair& p) const {
    return static_cast<std::size_t>(p.first * 1000003 + p.second);
  }
};

struct Word {
  std::vector<std::int64_t> symbols;
  std::int64_t count;
};

// Pair frequencies over all words, and the words each pair has occurred in. The queue may hold
// outdated frequencies; they are recognised when they surface.
class PairIndex {
 public:
  explicit PairIndex(std::vector<Word> words) : words_(std::move(words)) {
    for (std::size_t w = 0; w < words_.size(); ++w) count_word(w, words_[w].count);
    for (const auto& [pair, frequency] : frequency_) queue_.push({frequency, pair});
  }

  // The most frequent pair that occurs at least twice; false when there is none.
  bool best(Pair* pair) {
    while (!queue_.empty()) {
      const Candidate top = queue_.top();
      queue_.pop();
      const std::int64_t now = frequency_[top.pair];
      if (now == top.frequency && now >= 2) {
        *pair = top.pair;
        return true;
      }
    }
    return false;
  }

  void merge(const Pair& pair, std::int64_t merged) {
    const std::unordered_set<std::size_t> affected = std::move(places_[pair]);
    places_.erase(pair);
    touched_.clear();
    for (const std::size_t w : affected) {
      count_word(w, -words_[w].count);
      replace(&words_[w].symbols, pair, merged);
      count_word(w, words_[w].count);
    }
    for (const Pair& changed : touched_) queue_.push({frequency_[changed], changed});
  }

 private:
  struct Candidate {
    std::int64_t frequency;
    Pair pair;
    bool operator<(const Candidate& other) const {
      return frequency != other.frequency ? frequency < other.frequency : other.pair < pair;
    }
  };

  void count_word(std::size_t w, std::int64_t count) {
    const std::vector<std::int64_t>& symbols = words_[w].symbols;
    for (std::size_t i = 0; i + 1 < symbols.size(); ++i) {
      const Pair pair{symbols[i], symbols[i + 1]};
      frequency_[pair] += count;
      touched_.insert(pair);
      // Never taken out: a word that has lost the pair is counted out and in again, unchanged.
      if (count > 0) places_[pair].insert(w);
    }
  }

  static void replace(std::vector<std::int64_t>* symbols, const Pair& pair, std::int64_t merged) {
    std::size_t out = 0;
    for (std::size_t i = 0; i < symbols->size(); ++i) {
      const bool hit = i + 1 < symbols->size() && (*symbols)[i] == pair.first &&
                       (*symbols)[i + 1] == pair.second;
      (*symbols)[out++] = hit ? merged : (*symbols)[i];
      if (hit) ++i;
    }
    symbols->resize(out);
  }

  std::vector<Word> words_;
  std::unordered_map<Pair, std::int64_t, PairHash> frequency_;
  std::unordered_map<Pair, std::unordered_set<std::size_t>, PairHash> places_;
  std::unordered_set<Pair, PairHash> touched_;
  std::priority_queue<Candidate> queue_;
};

// Bytes by the code point of their stand-in: first the printable ones, then the others.
std::vector<int> bytes_in_id_order() {
  std::vector<int> bytes(256);
  std::iota(bytes.begin(), bytes.end(), 0);
  std::sort(bytes.begin(), bytes.end(), [](int a, int b) {
    // UTF-8 sorts as its code points do.
    return spelling_of_byte(static_cast<unsigned char>(a)) <
           spelling_of_byte(static_cast<unsigned char>(b));
  });
  return bytes;
}

}  // namespace

void PretokenCounts::add(std::string_view text, std::int64_t weight) {
  for (const std::string_view pretoken : split_pretokens(text)) add_pretoken(pretoken, weight);
}

void PretokenCounts::add_pretoken(std::string_view pretoken, std::int64_t weight) {
  counts_[std::string(pretoken)] += weight;
}

BpeVocabulary train_bpe(const PretokenCounts& counts, std::int64_t vocabulary_size) {
  PRESSROOM_ASSERT(vocabulary_size >= 256);
  BpeVocabulary bpe;
  std::vector<std::int64_t> id_of_byte(256);
  for (const int byte : bytes_in_id_order()) {
    id_of_byte[static_cast<std::size_t>(byte)] = static_cast<std::int64_t>(bpe.tokens.size());
    bpe.tokens.emplace_back(1, static_cast<char>(byte));
  }
  std::vector<Word> words;
  for (const auto& [pretoken, count] : counts.counts()) {
    Word word{{}, count};
    for (const char c : pretoken) word.symbols.push_back(id_of_byte[static_cast<unsigned char>(c)]);
    words.push_back(std::move(word));
  }
  PairIndex index(std::move(words));
  std::unordered_map<std::string, std::int64_t> id_of_token;  // one text can come from two merges
  Pair pair;
  while (static_cast<std::int64_t>(bpe.tokens.size()) < vocabulary_size && index.best(&pair)) {
    const std::string merged = bpe.tokens[static_cast<std::size_t>(pair.first)] +
                               bpe.tokens[static_cast<std::size_t>(pair.second)];
    const auto next_id = static_cast<std::int64_t>(bpe.tokens.size());
    const auto [known, is_new] = id_of_token.emplace(merged, next_id);
    if (is_new) bpe.tokens.push_back(merged);
    index.merge(pair, known->second);
    bpe.merges.push_back(pair);
  }
  return bpe;
}

namespace {

using Json = nlohmann::ordered_json;

std::string printable(const std::string& bytes) {
  std::string text;
  for (const char c : bytes) text += spelling_of_byte(static_cast<unsigned char>(c));
  return text;
}

}  // namespace

void write_tokenizer_json(const BpeVocabulary& bpe, const std::filesystem::path& file) {
  Json vocabulary = Json::object();
  for (std::size_t id = 0; id < bpe.tokens.size(); ++id) vocabulary[printable(bpe.tokens[id])] = id;
  Json merges = Json::array();
  for (const auto& [left, right] : bpe.merges) {
    merges.push_back(printable(bpe.tokens[static_cast<std::size_t>(left)]) + " " +
                     printable(bpe.tokens[static_cast<std::size_t>(right)]));
  }
  const Json byte_level = {{"type", "ByteLevel"},
                           {"add_prefix_space", false},
                           {"trim_offsets", true},
                           {"use_regex", true}};
  const Json model = {{"type", "BPE"},
                      {"dropout", nullptr},
                      {"unk_token", nullptr},
                      {"continuing_subword_prefix", nullptr},
                      {"end_of_word_suffix", nullptr},
                      {"fuse_unk", false},
                      {"byte_fallback", false},
                      {"vocab", vocabulary},
                      {"merges", merges}};
  const Json root = {{"version", "1.0"},
                     {"truncation", nullptr},
                     {"padding", nullptr},
                     {"added_tokens", Json::array()},
                     {"normalizer", nullptr},
                     {"pre_tokenizer", byte_level},
                     {"post_processor", nullptr},
                     {"decoder", byte_level},
                     {"model", model}};
  write_file_atomically(file, root.dump(1) + "\n");
}

}  // namespace pressroom
